import { Status } from '../parts/activity.js';
import { useData } from '../parts/data.js';
import { duration, moment } from '../parts/format.js';
import { html, useEffect, useState } from '../parts/html.js';

const orders = {
  newest: ['Newest first', (a, b) => b.createdMs - a.createdMs],
  oldest: ['Oldest first', (a, b) => a.createdMs - b.createdMs],
  name: ['Name', (a, b) => a.name.localeCompare(b.name)],
  workers: ['Most workers first', (a, b) => b.workers - a.workers],
};

/** What of a study the list shows, in small letters: what a search looks through. */
const words = ({ name, reason, lastReason }) => `${name} ${reason ?? lastReason ?? ''}`.toLowerCase();

/** Search, ended or not, and order; kept in the address as `#/?find=…&only=…&order=…`. */
function useView() {
  const [view, set] = useState(() => {
    const query = new URLSearchParams(location.hash.split('?')[1] ?? '');
    const order = query.get('order');
    return { find: query.get('find') ?? '', only: query.get('only') ?? '', order: orders[order] ? order : 'newest' };
  });
  const change = (part) => {
    const next = { ...view, ...part };
    const query = new URLSearchParams(Object.entries(next).filter(([, value]) => value && value !== 'newest'));
    history.replaceState(null, '', query.size ? `#/?${query}` : '#/');
    set(next);
  };
  return [view, change];
}

export function StudiesPage() {
  const { data, error } = useData('/studies');
  const [view, change] = useView();
  useEffect(() => {
    document.title = 'Studies · GreScale autopilot';
  }, []);
  if (error) return html`<h1>Studies</h1><p class="bad">${error}</p>`;
  if (!data) return html`<p class="quiet">Loading …</p>`;
  if (data.studies.length === 0)
    return html`<h1>No studies yet</h1><p>Start one on <a href="#/new">New study</a>, or with <code>autopilot run study.yaml</code>.</p>`;
  const shown = data.studies
    .filter((study) => words(study).includes(view.find.trim().toLowerCase()))
    .filter(({ endedMs }) => view.only === '' || (view.only === 'ended') === Boolean(endedMs))
    .sort(orders[view.order][1]);
  const pick = (part) => (event) => change({ [part]: event.target.value });
  return html`<h1>Studies</h1>
    <p class="quiet">Can each network be trained on many workers with no loss against one?</p>
    ${data.scalings.length > 0 && html`<p>How many workers: ${data.scalings.map((name) => html`<a href=${`#/scale/${encodeURIComponent(name)}`}>${name}</a> `)}</p>`}
    <form class="fields" role="search" onSubmit=${(event) => event.preventDefault()}>
      <label class="field"><span>Search names and reasons</span><input type="search" value=${view.find} onInput=${pick('find')} /></label>
      <label class="field"><span>Show</span><select value=${view.only} onChange=${pick('only')}>
        <option value="">All</option><option value="ended">Ended</option><option value="open">Not ended</option>
      </select></label>
      <label class="field"><span>Order</span><select value=${view.order} onChange=${pick('order')}>
        ${Object.entries(orders).map(([value, [label]]) => html`<option value=${value}>${label}</option>`)}
      </select></label>
    </form>
    <p class="quiet" role="status">${shown.length} of ${data.studies.length} studies</p>
    <ul class="cards">${shown.map(
      (study) => html`<li key=${study.name}>
        <div class="head">
          <a href=${`#/study/${encodeURIComponent(study.name)}`}>${study.name}</a>
          <strong><${Status} outcome=${study.outcome} unverified=${study.unverified} activity=${study.activity} /></strong>
        </div>
        <div>${study.reason ?? study.lastReason ?? 'The baseline is being trained.'}</div>
        <div class="quiet">${study.workers} workers, ${study.epochs} epochs a run · started ${moment(study.createdMs)}${study.endedMs ? `, took ${duration(study.endedMs - study.createdMs)}` : ''}${study.simulated ? html` · <span class="warn">simulated</span>` : ''}</div>
      </li>`,
    )}</ul>`;
}
