import { html, useEffect, useRef, useState } from './html.js';

/** Milliseconds between two looks at what the page started. */
const everyMs = 1000;

/** The roots that were named when the dashboard started, and its jobs; null before the first answer. */
export function useWork({ once = false } = {}) {
  const [work, set] = useState(null);
  useEffect(() => {
    let gone = false;
    const ask = async () => {
      if (document.hidden) return;
      const answer = await fetch('/api/work').catch(() => null);
      if (answer?.ok && !gone) set(await answer.json());
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
export async function ask(path, body) {
  const response = await fetch(`/api/actions/work${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Autopilot': 'page' },
    body: JSON.stringify(body ?? {}),
  }).catch(() => null);
  if (response === null) return { error: 'The server does not answer.' };
  const answer = await response.json().catch(() => ({}));
  return response.ok ? answer : { error: answer.error ?? `The server refused (${response.status}).` };
}

/** A field with its name and what it means. */
export function Field({ label, hint, children }) {
  return html`<label class="field"><span>${label}</span>${children}${hint && html`<small class="quiet">${hint}</small>`}</label>`;
}

/** A path below a root; what lies in the folder that is being typed is offered. */
export function PathField({ label, hint, value, onValue }) {
  const [names, setNames] = useState([]);
  const id = useRef(`paths-${Math.random().toString(36).slice(2)}`);
  const folder = value.slice(0, value.lastIndexOf('/')) || '/';
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
  return html`<${Field} label=${label} hint=${hint}>
    <input value=${value} list=${id.current} autocomplete="off" spellcheck="false" onInput=${(event) => onValue(event.target.value)} />
    <datalist id=${id.current}>${names.map((name) => html`<option value=${`${folder}/${name}`.replace('//', '/').replace(/\/$/, '')} />`)}</datalist>
  <//>`;
}
