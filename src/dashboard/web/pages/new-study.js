import { html, useEffect, useState } from '../parts/html.js';
import { ask, Field, PathField, useChoices, useWork } from '../parts/work.js';

/** Milliseconds after the last key before a config is looked at. */
const pauseMs = 300;

const numbers = ['workers', 'epochs', 'initialLr', 'batchPerWorker', 'channels', 'baselineSeeds', 'iterations'];

/** A study from a form, an example or a config: what it would do and cost stands there before it can be started. */
export function NewStudyPage({ query }) {
  const work = useWork({ once: true });
  const choices = useChoices();
  useEffect(() => {
    document.title = 'New study · GreScale autopilot';
  }, []);
  if (!work) return html`<p class="quiet">Loading …</p>`;
  if (work.roots.length === 0)
    return html`<h1>New study</h1><p>This page may start nothing. Start it with <code>autopilot dashboard --root FOLDER</code>, the folder with your data.</p>`;
  if (!choices) return html`<p class="quiet">Loading …</p>`;
  return html`<${Editor} roots=${work.roots} choices=${choices} data=${new URLSearchParams(query).get('data') ?? ''} />`;
}

/** A study's name from the folder of its slices: `brains` from `/data/brains-slices`. */
function nameFrom(data) {
  const folder = data
    .replace(/\/+$/, '')
    .split('/')
    .at(-1)
    .replace(/-slices$/, '');
  return folder.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[-_]+/, '') || 'first';
}

/** The config that a form comes to, or why there is none. */
function draftText(draft) {
  const typed = Object.fromEntries(numbers.map((name) => [name, Number(draft[name])]));
  return ask('/draft', { ...draft, ...typed, data: draft.data === '' ? null : draft.data });
}

function Editor({ roots, choices, data }) {
  const [draft, setDraft] = useState({ ...choices.draft, name: nameFrom(data), data });
  const [text, setText] = useState('');
  /** `form`, `config` for one that is typed, or the name of an example. */
  const [source, setSource] = useState('form');
  const [shown, setShown] = useState(false);
  const [checked, setChecked] = useState(null);
  const [said, setSaid] = useState('');
  const edited = source === 'form' ? draft : text;
  useEffect(() => {
    let gone = false;
    const show = (found) => gone || setChecked(found);
    // Until it was looked at, what is typed cannot be started.
    setChecked(null);
    const timer = setTimeout(async () => {
      const written = source === 'form' ? await draftText(draft) : { text };
      if (gone) return;
      if (written.text === undefined) return show({ problems: written.problems ?? [written.error] });
      setText(written.text);
      const answer = await ask('/check', { text: written.text });
      show(answer.error ? { problems: [answer.error] } : answer);
    }, pauseMs);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [source, edited]);
  const startFrom = (from) => {
    setSource(from);
    setShown(from !== 'form');
    const example = choices.examples.find(({ name }) => name === from);
    if (example) setText(example.config);
  };
  const start = async () => {
    setSaid('Starting …');
    const answer = await ask('/studies', { text });
    if (answer.error) setSaid(answer.error);
    else location.hash = `#/work?started=${answer.id}`;
  };
  const ready = checked?.plan !== undefined;
  return html`<h1>New study</h1>
    <p class="quiet">Can a network be trained on many workers with no loss against one?</p>
    <div class="fields">
      <${Field} label="Start from" hint="an example comes with its data">
        <select value=${source} onChange=${(event) => startFrom(event.target.value)}>
          <option value="form">a form</option>
          <option value="config">a config of mine</option>
          ${choices.examples.map(({ name }) => html`<option value=${name}>example: ${name}</option>`)}
        </select>
      <//>
      ${choices.examples.filter(({ name }) => name === source).map(({ question }) => html`<p class="quiet">${question}</p>`)}
    </div>
    ${source === 'form' && html`<${DraftForm} draft=${draft} setDraft=${setDraft} standard=${choices.draft} roots=${roots} />`}
    <details open=${shown} onToggle=${(event) => setShown(event.currentTarget.open)}>
      <summary>The config</summary>
      <label class="field"><span>study.yaml</span>
        <textarea class="code" rows="24" spellcheck=${false} value=${text} onInput=${(event) => {
          setSource('config');
          setText(event.target.value);
        }}></textarea>
      </label>
      ${source !== 'form' && html`<p><button class="secondary" onClick=${() => startFrom('form')}>Take the form again</button></p>`}
    </details>
    <${FieldList} fields=${choices.fields} />
    <section aria-live="polite">
      ${checked === null && html`<p class="quiet">Looking at it …</p>`}
      ${checked?.problems && html`<h2>Not yet</h2><ul>${checked.problems.map((problem) => html`<li class="bad">${problem}</li>`)}</ul>`}
      ${ready && html`<h2>What it would do, and its price</h2><pre class="plan" tabindex="0" aria-label="Plan and price">${checked.plan}</pre>`}
    </section>
    <p class="row"><button disabled=${!ready} onClick=${start}>Start the study</button><span role="status">${said}</span></p>`;
}

/** Every field has its meaning and default below it. */
function DraftForm({ draft, setDraft, standard, roots }) {
  const set = (name) => (event) => setDraft({ ...draft, [name]: event.target.value });
  const number = (name, label, hint, step = 1) =>
    html`<${Field} label=${label} hint=${`${hint}; default ${standard[name]}`}><input type="number" min=${step === 1 ? 1 : 0} step=${step} value=${draft[name]} onInput=${set(name)} /><//>`;
  const choice = (name, label, hint, options) =>
    html`<${Field} label=${label} hint=${`${hint}; default: ${options.find(([value]) => value === standard[name])[1]}`}><select value=${draft[name]} onChange=${set(name)}>${options.map(([value, words]) => html`<option value=${value}>${words}</option>`)}</select><//>`;
  const embedded = draft.trainer === 'embedded';
  return html`<form class="fields" onSubmit=${(event) => event.preventDefault()} aria-label="Study">
    <${Field} label="Name" hint="letters, digits, - and _"><input value=${draft.name} onInput=${set('name')} /><//>
    ${choice('trainer', 'Who trains', 'simulated: nothing is trained, to try a guideline', [
      ['embedded', 'the trainer that comes with autopilot'],
      ['simulated', 'nobody: simulate'],
    ])}
    ${
      embedded &&
      html`<${PathField} label="Folder of slices" hint="made by Prepare slices; empty: a generated phantom" value=${draft.data} onValue=${(data) => setDraft({ ...draft, data })} roots=${roots} />
    ${choice('architecture', 'Network', 'U-Net has skips between its levels', [
      ['fcn', 'FCN'],
      ['unet', 'U-Net'],
    ])}
    ${number('channels', 'Channels', 'of its first level, doubled from level to level')}`
    }
    ${number('workers', 'Workers', 'k: how many train together')}
    ${number('batchPerWorker', 'Batch per worker', 'slices that each takes a step')}
    ${number('epochs', 'Epochs', "of every run, one worker's included")}
    ${number('initialLr', 'Initial rate', "one worker's own well-tuned learning rate", 'any')}
    ${choice(
      'optimizer',
      'Optimizer',
      'to start with',
      ['sgd', 'momentum', 'adam', 'lars'].map((name) => [name, name]),
    )}
    ${choice('rule', 'Good enough', 'when a setting counts as without loss: sure with more runs, or quick', [
      ['nonInferiority', 'repeated runs lose no more than a margin'],
      ['thesis', 'one run and one more reach the baseline'],
    ])}
    ${draft.rule === 'nonInferiority' && number('baselineSeeds', 'Baseline runs', 'of one worker, each with its own seed')}
    ${number('iterations', 'Iterations at most', 'the budget, validations included')}
  </form>`;
}

/** The fields that a config may have, searched by name and meaning. */
function FieldList({ fields }) {
  const [find, setFind] = useState('');
  const wanted = find.trim().toLowerCase();
  const shown = fields.filter(({ name, meaning }) => `${name} ${meaning}`.toLowerCase().includes(wanted));
  return html`<details>
    <summary>Every field of a config: values, default and meaning</summary>
    <label class="field"><span>Search fields</span><input type="search" value=${find} onInput=${(event) => setFind(event.target.value)} /></label>
    <p class="quiet" role="status">${shown.length} of ${fields.length} fields</p>
    <dl class="reference" tabindex="0" aria-label="Fields">${shown.map(
      ({ name, values, standard, meaning }) => html`<div>
        <dt><code>${name}</code></dt>
        <dd>${meaning} <span class="quiet">${values}${standard ? `; default ${standard}` : ''}</span></dd>
      </div>`,
    )}</dl>
  </details>`;
}
