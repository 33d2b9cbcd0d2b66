import { html, useEffect, useState } from '../parts/html.js';
import { ask, Field, PathField, useWork } from '../parts/work.js';

const first = {
  name: 'first',
  trainer: 'embedded',
  workers: 4,
  epochs: 40,
  initialLr: 0.5,
  data: '',
  rule: 'nonInferiority',
};

/** Milliseconds after the last key before a config is looked at. */
const pauseMs = 300;

/** A study from a form or a config: what it would do and cost stands there before it can be started. */
export function NewStudyPage() {
  const work = useWork();
  const [draft, setDraft] = useState(first);
  const [text, setText] = useState('');
  const [own, setOwn] = useState(false);
  const [checked, setChecked] = useState(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    document.title = 'New study · GreScale autopilot';
  }, []);
  useEffect(() => {
    if (own) return;
    const timer = setTimeout(async () => {
      const { workers, epochs, initialLr, data } = draft;
      const numbers = { workers: Number(workers), epochs: Number(epochs), initialLr: Number(initialLr) };
      const answer = await ask('/draft', { ...draft, ...numbers, data: data === '' ? null : data });
      if (answer.text === undefined) setChecked({ problems: answer.problems ?? [answer.error] });
      else setText(answer.text);
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [draft, own]);
  useEffect(() => {
    if (text === '') return;
    let gone = false;
    setChecked(null);
    const timer = setTimeout(async () => {
      const answer = await ask('/check', { text });
      if (!gone) setChecked(answer.error ? { problems: [answer.error] } : answer);
    }, pauseMs);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [text]);
  if (!work) return html`<p class="quiet">Loading …</p>`;
  if (work.roots.length === 0)
    return html`<h1>New study</h1><p>This page may start nothing. Start it with <code>autopilot dashboard --root FOLDER</code>, the folder with your data.</p>`;
  const set = (name) => (event) => setDraft({ ...draft, [name]: event.target.value });
  const start = async () => {
    setSaid('Starting …');
    const answer = await ask('/studies', { text });
    if (answer.error) setSaid(answer.error);
    else location.hash = '#/work';
  };
  const ready = checked?.plan !== undefined;
  return html`<h1>New study</h1>
    <p class="quiet">Can a network be trained on many workers with no loss against one?</p>
    <form class="fields" onSubmit=${(event) => event.preventDefault()} aria-label="Study">
      <${Field} label="Name" hint="letters, digits, - and _"><input value=${draft.name} onInput=${set('name')} /><//>
      <${Field} label="Who trains" hint="simulated: nothing is trained, to try a guideline">
        <select value=${draft.trainer} onChange=${set('trainer')}>
          <option value="embedded">the trainer that comes with autopilot</option>
          <option value="simulated">nobody: simulate</option>
        </select>
      <//>
      <${PathField} label="Folder of slices" hint=${`made by Prepare; empty: a generated phantom. Below ${work.roots.join(' or ')}`} value=${draft.data} onValue=${(data) => setDraft({ ...draft, data })} />
      <${Field} label="Workers" hint="k: how many train together"><input type="number" min="1" value=${draft.workers} onInput=${set('workers')} /><//>
      <${Field} label="Epochs" hint="of every run, one worker's included"><input type="number" min="1" value=${draft.epochs} onInput=${set('epochs')} /><//>
      <${Field} label="Initial rate" hint="one worker's own well-tuned learning rate"><input type="number" min="0" step="any" value=${draft.initialLr} onInput=${set('initialLr')} /><//>
      <${Field} label="Good enough" hint="when a setting counts as without loss">
        <select value=${draft.rule} onChange=${set('rule')}>
          <option value="nonInferiority">repeated runs show no loss beyond a margin (sure, more runs)</option>
          <option value="thesis">one run and one more reach the baseline (few runs)</option>
        </select>
      <//>
    </form>
    <details open=${own}>
      <summary>The config, every field explained</summary>
      <label class="field"><span>study.yaml</span>
        <textarea class="code" rows="24" spellcheck="false" value=${text} onInput=${(event) => {
          setOwn(true);
          setText(event.target.value);
        }}></textarea>
      </label>
      ${own && html`<p><button class="secondary" onClick=${() => setOwn(false)}>Take the form again</button></p>`}
    </details>
    <section aria-live="polite">
      ${checked === null && html`<p class="quiet">Looking at it …</p>`}
      ${checked?.problems && html`<h2>Not yet</h2><ul>${checked.problems.map((problem) => html`<li class="bad">${problem}</li>`)}</ul>`}
      ${ready && html`<h2>What it would do, and its price</h2><pre class="plan" tabindex="0">${checked.plan}</pre>`}
    </section>
    <p class="row"><button disabled=${!ready} onClick=${start}>Start the study</button><span role="status">${said}</span></p>`;
}
