import { duration, moment } from '../parts/format.js';
import { html, useEffect, useState } from '../parts/html.js';
import { ask, Field, PathField, useWork } from '../parts/work.js';

const stateTone = { running: 'good', done: '', failed: 'bad', stopped: 'warn' };

const tools = [
  {
    kind: 'check',
    title: 'Check data',
    does: 'Reads every scan and mask of a folder and says what would go wrong.',
    paths: [['folder', 'Folder of scans and masks']],
  },
  {
    kind: 'prep',
    title: 'Prepare slices',
    does: 'Makes training slices from a folder of scans.',
    paths: [
      ['input', 'Folder of scans and masks'],
      ['output', 'New folder for the slices'],
    ],
    more: [['size', 'Height and width in pixels', '64']],
  },
  {
    kind: 'predict',
    title: 'Predict',
    does: 'Segments scans with a trained model.',
    paths: [
      ['model', "The model's folder"],
      ['scans', 'A scan, or a folder of them'],
      ['output', 'New folder for the masks'],
    ],
  },
  {
    kind: 'eval',
    title: 'Evaluate',
    does: 'Compares predicted masks with true ones.',
    paths: [
      ['predicted', 'Folder of predicted masks'],
      ['truth', 'Folder of true masks'],
    ],
    more: [['labels', 'Values and names, such as 1=liver; empty: all', '']],
  },
];

/** Commands on folders of the server, and what the page has started. */
export function WorkPage() {
  const work = useWork();
  useEffect(() => {
    document.title = 'Work · GreScale autopilot';
  }, []);
  if (!work) return html`<p class="quiet">Loading …</p>`;
  if (work.roots.length === 0)
    return html`<h1>Work</h1><p>This page may start nothing. Start it with <code>autopilot dashboard --root FOLDER</code>, the folder with your data.</p>`;
  return html`<h1>Work</h1>
    <p class="quiet">On folders of this server below ${work.roots.join(' or ')}.</p>
    <div class="tools">${tools.map((tool) => html`<${ToolForm} key=${tool.kind} tool=${tool} root=${work.roots[0]} />`)}</div>
    <h2>Started here</h2>
    ${work.jobs.length === 0 && html`<p class="quiet">Nothing yet. A study is started on <a href="#/new">New study</a>.</p>`}
    <ul class="cards">${work.jobs.map((job) => html`<${JobCard} key=${job.id} job=${job} />`)}</ul>`;
}

function ToolForm({ tool, root }) {
  const { kind, title, does, paths, more = [] } = tool;
  const [values, setValues] = useState(
    Object.fromEntries([...paths.map(([name]) => [name, `${root}/`]), ...more.map(([name, , value]) => [name, value])]),
  );
  const [said, setSaid] = useState('');
  const set = (name, value) => setValues({ ...values, [name]: value });
  const start = async (event) => {
    event.preventDefault();
    const { size } = values;
    const answer = await ask('/jobs', { kind, ...values, ...(size === undefined ? {} : { size: Number(size) }) });
    setSaid(answer.error ?? 'Started.');
  };
  return html`<details>
    <summary>${title}</summary>
    <form class="fields" aria-label=${title} onSubmit=${start}>
      <p class="quiet">${does}</p>
      ${paths.map(([name, label]) => html`<${PathField} label=${label} value=${values[name]} onValue=${(value) => set(name, value)} />`)}
      ${more.map(([name, label]) => html`<${Field} label=${label}><input value=${values[name]} onInput=${(event) => set(name, event.target.value)} /><//>`)}
      <p class="row"><button>${title}</button><span role="status">${said}</span></p>
    </form>
  </details>`;
}

function JobCard({ job }) {
  const [said, setSaid] = useState('');
  const stop = async () => setSaid((await ask(`/jobs/${job.id}/stop`)).error ?? 'Asked to stop.');
  return html`<li>
    <div class="head">
      ${job.study ? html`<a href=${`#/study/${encodeURIComponent(job.study)}`}>${job.title}</a>` : html`<span>${job.title}</span>`}
      <strong class=${stateTone[job.state]}>${job.state}${job.state === 'failed' && job.exitCode !== null ? ` (exit code ${job.exitCode})` : ''}</strong>
    </div>
    <div class="quiet">${moment(job.startedMs)}, ${duration((job.endedMs ?? Date.now()) - job.startedMs)}</div>
    <pre class="log" tabindex="0" aria-label=${`Output of ${job.title}`}>${job.log.join('\n')}</pre>
    <div class="row">${job.state === 'running' && html`<button class="secondary" onClick=${stop}>Stop</button>`}<span role="status">${said}</span></div>
  </li>`;
}
