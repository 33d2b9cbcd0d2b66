import { act } from './data.js';
import { html, useEffect, useRef, useState } from './html.js';

/** Milliseconds between two looks at what the page started. */
const everyMs = 1000;

/** The roots that were named when the dashboard started, and its jobs; null before the first answer. */
export function useWork({ once = false } = {}) {
  const [work, set] = useState(null);
  useEffect(() => {
    let gone = false;
    let jobs = [];
    const ask = async () => {
      if (document.hidden) return;
      const seen = jobs.map(({ id, logBytes }) => `${id}:${logBytes}`).join(',');
      const answer = await fetch(`/api/work?seen=${seen}`).catch(() => null);
      if (!answer?.ok || gone) return;
      const found = await answer.json();
      // A log that has not grown is not sent again.
      const before = new Map(jobs.map(({ id, log }) => [id, log]));
      jobs = found.jobs.map((job) => ({ ...job, log: job.log ?? before.get(job.id) ?? [] }));
      set({ ...found, jobs });
    };
    ask();
    const timer = once ? undefined : setInterval(ask, everyMs);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, []);
  return work;
}

/** Asks for something below `/api/actions/work`: its answer, with `error` where it was refused. */
export const ask = (path, body) => act(`/work${path}`, body, { whole: true });

/** What forms offer to choose from; asked for again whenever `version` changes. Null before the first answer. */
export function useChoices(version = 0) {
  const [choices, set] = useState(null);
  useEffect(() => {
    let gone = false;
    fetch('/api/choices')
      .then((answer) => (answer.ok ? answer.json() : null))
      .then((found) => gone || (found && set(found)))
      .catch(() => {});
    return () => {
      gone = true;
    };
  }, [version]);
  return choices;
}

/** An id that no other part of the page has. */
function useOwnId() {
  return useRef(`own-${Math.random().toString(36).slice(2)}`).current;
}

/** One input with its name, and what it means as its description. */
export function Field({ label, hint, children: input }) {
  const id = useOwnId();
  input.props.id = id;
  if (hint) input.props['aria-describedby'] = `${id}-hint`;
  return html`<div class="field"><label for=${id}>${label}</label>${input}${hint && html`<small id=${`${id}-hint`} class="quiet">${hint}</small>`}</div>`;
}

/** The names in a folder below a root, folders with a `/`. */
function useNames(folder) {
  const [names, setNames] = useState([]);
  useEffect(() => {
    let gone = false;
    fetch(`/api/folder?path=${encodeURIComponent(folder)}`)
      .then((answer) => (answer.ok ? answer.json() : []))
      .then((list) => gone || setNames(list))
      .catch(() => gone || setNames([]));
    return () => {
      gone = true;
    };
  }, [folder]);
  return names;
}

/** A path below a root: typed, with what lies in the folder offered, or browsed for. */
export function PathField({ label, hint, value, onValue, roots }) {
  const [browsing, setBrowsing] = useState(false);
  const id = useOwnId();
  const folder = value.slice(0, value.lastIndexOf('/')) || '/';
  const names = useNames(folder);
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <div class="beside">
      <input id=${id} value=${value} list=${`${id}-names`} autocomplete="off" spellcheck=${false} aria-describedby=${hint && `${id}-hint`} onInput=${(event) => onValue(event.target.value)} />
      <button type="button" class="secondary" aria-expanded=${browsing} aria-label=${`Browse: ${label}`} onClick=${() => setBrowsing(!browsing)}>Browse</button>
    </div>
    ${hint && html`<small id=${`${id}-hint`} class="quiet">${hint}</small>`}
    <datalist id=${`${id}-names`}>${names.map((name) => html`<option value=${`${folder}/${name}`.replace('//', '/').replace(/\/$/, '')} />`)}</datalist>
    ${browsing && html`<${Browser} label=${label} value=${value} onValue=${onValue} roots=${roots} close=${() => setBrowsing(false)} />`}
  </div>`;
}

const isBelow = (path, root) => path === root || path.startsWith(root === '/' ? '/' : `${root}/`);

/** The folder that a path names and what lies in it, to go into and out of. */
function Browser({ label, value, onValue, roots, close }) {
  const path = value.replace(/(?<=.)\/$/, '');
  const root = roots.find((each) => isBelow(path, each));
  const here = root ? path : null;
  const names = useNames(here ?? '');
  const go = (to) => () => onValue(to);
  const above = path.slice(0, path.lastIndexOf('/')) || '/';
  return html`<div class="browser" role="group" aria-label=${`Folders for: ${label}`}>
    <div class="quiet">${here ?? 'The folders this page may use'}</div>
    <ul>
      ${here === null && roots.map((each) => html`<li><button type="button" onClick=${go(each)}>${each}/</button></li>`)}
      ${here !== null && html`<li><button type="button" onClick=${go(path === root ? '' : above)}>.. (one up)</button></li>`}
      ${names
        .filter((name) => !name.startsWith('.'))
        .map((name) =>
          name.endsWith('/')
            ? html`<li><button type="button" onClick=${go(`${here}/${name.slice(0, -1)}`.replace('//', '/'))}>${name}</button></li>`
            : html`<li class="quiet">${name}</li>`,
        )}
      ${here !== null && names.length === 0 && html`<li class="quiet">no such folder yet, or an empty one</li>`}
    </ul>
    ${here !== null && html`<button type="button" onClick=${close}>Take this folder</button>`}
  </div>`;
}
