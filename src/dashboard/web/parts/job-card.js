import { duration, moment } from './format.js';
import { html, useEffect, useRef, useState } from './html.js';
import { ask } from './work.js';

const stateTone = { running: 'good', done: '', failed: 'bad', stopped: 'warn' };

const opened = (tool, values) => `#/work?${new URLSearchParams({ open: tool, ...values })}`;

/** A row of a table keeps its columns; any other line is wrapped. */
const isRow = (line) => /\S {2,}\S/.test(line);

/** What usually follows a job that is done: its words and its address. */
function nextOf({ kind, ...given }, runs) {
  switch (kind) {
    case 'check':
      return ['Prepare slices of it', opened('prep', { input: given.folder })];
    case 'preview':
      return ['Prepare slices like this', opened('prep', given)];
    case 'prep':
      return ['New study on these slices', `#/new?${new URLSearchParams({ data: given.output })}`];
    case 'study':
      return runs?.some(({ study }) => study === given.study)
        ? ['Keep one of its models', opened('publish', { study: given.study })]
        : ['See its result', `#/study/${encodeURIComponent(given.study)}`];
    case 'publish':
      return ['Predict with it', opened('predict', { model: given.name })];
    case 'predict':
      return ['Compare the masks with true ones', opened('eval', { predicted: given.output })];
    default:
      return null;
  }
}

/** A job with its output, what it drew, how to stop it and what usually follows. `runs`: what models can be made of; `focused`: it was just started here. */
export function JobCard({ job, runs, focused }) {
  const [said, setSaid] = useState('');
  const card = useRef(null);
  const log = useRef(null);
  const { request } = job;
  const stop = async () => setSaid((await ask(`/jobs/${job.id}/stop`)).error ?? 'Asked to stop.');
  useEffect(() => {
    if (focused) card.current.focus();
  }, [focused]);
  useEffect(() => {
    log.current.scrollTop = log.current.scrollHeight;
  }, [job.log.at(-1), job.log.length]);
  const next = job.state === 'done' ? nextOf(request, runs) : null;
  const exit = job.state === 'failed' && job.exitCode !== null ? ` (exit code ${job.exitCode})` : '';
  return html`<li ref=${card} tabindex="-1" aria-label=${job.title}>
    <div class="head">
      ${request.kind === 'study' ? html`<a href=${`#/study/${encodeURIComponent(request.study)}`}>${job.title}</a>` : html`<span>${job.title}</span>`}
      <strong role="status" class=${stateTone[job.state]}>${job.state}${exit}</strong>
    </div>
    <div class="quiet">${moment(job.startedMs)}, ${duration((job.endedMs ?? Date.now()) - job.startedMs)}</div>
    <pre class="log" tabindex="0" ref=${log} aria-label=${`Output of ${job.title}`}>${job.log.map((line) => html`<div class=${isRow(line) ? '' : 'wrapped'}>${line || ' '}</div>`)}</pre>
    ${job.pictures.length > 0 && html`<${Pictures} job=${job} />`}
    <div class="row">
      ${job.state === 'running' && html`<button class="secondary" onClick=${stop}>Stop</button>`}
      ${next && html`<a class="button" href=${next[1]}>${next[0]}</a>`}
      <span role="status">${said}</span>
    </div>
  </li>`;
}

/** Each opens in its own size. */
function Pictures({ job }) {
  return html`<div class="drawn">${job.pictures.map((name) => {
    const address = `/api/jobs/${job.id}/pictures/${encodeURIComponent(name)}`;
    return html`<a href=${address} target="_blank"><img src=${address} loading="lazy" alt="" /><span>${name.replace(/\.png$/, '')}</span></a>`;
  })}</div>`;
}
