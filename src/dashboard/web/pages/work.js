import { html, useEffect, useRef, useState } from '../parts/html.js';
import { JobCard } from '../parts/job-card.js';
import { tools } from '../parts/tools.js';
import { ask, Field, PathField, useChoices, useWork } from '../parts/work.js';

/** Commands on folders of the server, and what the page has started. `query`: which form is open, and what it holds. */
export function WorkPage({ query }) {
  const work = useWork();
  // Models and runs that came with a job are offered once it has ended.
  const ended = work?.jobs.filter(({ state }) => state !== 'running').length ?? 0;
  const choices = useChoices(ended);
  const [startedId, setStartedId] = useState(new URLSearchParams(query).get('started'));
  useEffect(() => {
    document.title = 'Work · GreScale autopilot';
  }, []);
  if (!work) return html`<p class="quiet">Loading …</p>`;
  if (work.roots.length === 0)
    return html`<h1>Work</h1><p>This page may start nothing. Start it with <code>autopilot dashboard --root FOLDER</code>, the folder with your data.</p>`;
  const given = Object.fromEntries(new URLSearchParams(query));
  return html`<h1>Work</h1>
    <p class="quiet">From a folder of scans to judged predictions, step by step, on folders of this server below ${work.roots.join(' or ')}.</p>
    <ol class="steps">${tools.map((tool) => {
      const own = given.open === tool.kind ? given : null;
      return tool.href
        ? html`<li key=${tool.kind}><a class="step" href=${tool.href}>${tool.title}</a> <span class="quiet">${tool.does}</span></li>`
        : html`<li key=${tool.kind}><${ToolForm} key=${own ? query : ''} tool=${tool} given=${own} roots=${work.roots} choices=${choices} onStart=${setStartedId} /></li>`;
    })}</ol>
    <h2>Started here</h2>
    ${work.jobs.length === 0 && html`<p class="quiet">Nothing yet.</p>`}
    <ul class="cards">${work.jobs.map((job) => html`<${JobCard} key=${job.id} job=${job} runs=${choices?.runs} focused=${job.id === startedId} />`)}</ul>`;
}

/** What a form holds at first: what it was opened with, else its own values. */
function firstValues({ fields }, given, root) {
  const standard = ({ kind, value }) => value ?? (kind === 'path' ? `${root}/` : '');
  const typed = Object.fromEntries(
    fields.filter(({ from }) => !from).map((field) => [field.name, given?.[field.name] ?? standard(field)]),
  );
  return { ...typed, ...given, open: undefined };
}

function ToolForm({ tool, given, roots, choices, onStart }) {
  const { kind, title, does, fields, preview } = tool;
  const [values, setValues] = useState(() => firstValues(tool, given, roots[0]));
  const [open, setOpen] = useState(given !== null);
  const [said, setSaid] = useState(null);
  const form = useRef(null);
  const optionsOf = { run: choices?.runs, model: choices?.models };
  const shown = (field) => {
    if (values[field.name] !== undefined && values[field.name] !== '') return values[field.name];
    const [first] = optionsOf[field.kind]?.filter(({ study }) => !values.study || study === values.study) ?? [];
    return first?.id ?? first?.name ?? values[field.name] ?? field.from?.(values, roots) ?? '';
  };
  useEffect(() => {
    if (given) form.current.querySelector('input, select')?.focus();
  }, []);
  const start = (asked) => async (event) => {
    event.preventDefault();
    const body = Object.fromEntries(
      fields.map((field) => [field.name, field.kind === 'number' ? Number(shown(field)) : shown(field)]),
    );
    setSaid({ text: 'Starting …' });
    const answer = await ask('/jobs', { kind: asked, ...body });
    setSaid(answer.error ? { text: answer.error, bad: true } : { text: 'Started; its output is below.' });
    if (!answer.error) onStart(answer.id);
  };
  return html`<details open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary>${title}</summary>
    <form class="fields" ref=${form} aria-label=${title} onSubmit=${start(kind)}>
      <p class="quiet">${does}</p>
      ${fields.map((field) => html`<${Asked} field=${field} roots=${roots} options=${optionsOf[field.kind]} value=${shown(field)} onValue=${(value) => setValues({ ...values, [field.name]: value })} />`)}
      <p class="row"><button>${title}</button>${preview && html`<button type="button" class="secondary" onClick=${start('preview')}>${preview}</button>`}<span role="status" class=${said?.bad ? 'bad' : ''}>${said?.text}</span></p>
    </form>
  </details>`;
}

function Asked({ field, roots, options, value, onValue }) {
  const { label, hint, kind } = field;
  const set = (event) => onValue(event.target.value);
  if (kind === 'path')
    return html`<${PathField} label=${label} hint=${hint} value=${value} onValue=${onValue} roots=${roots} />`;
  if (kind === 'area')
    return html`<${Field} label=${label} hint=${hint}><textarea class="code" rows="3" spellcheck=${false} value=${value} onInput=${set}></textarea><//>`;
  if (kind === 'select')
    return html`<${Field} label=${label} hint=${hint}><select value=${value} onChange=${set}>${field.options.map((option) => html`<option value=${option}>${option}</option>`)}</select><//>`;
  if (kind === 'run' || kind === 'model') {
    const known = options ?? [];
    return html`<${Field} label=${label} hint=${hint}><select value=${value} disabled=${known.length === 0} onChange=${set}>
      ${known.length === 0 && html`<option value="">${options ? 'none yet: a study on slices makes them' : 'looking …'}</option>`}
      ${known.map(({ id, name, text }) => html`<option value=${id ?? name}>${text}</option>`)}
    </select><//>`;
  }
  return html`<${Field} label=${label} hint=${hint}><input type=${kind} min="0" step="any" value=${value} onInput=${set} /><//>`;
}
