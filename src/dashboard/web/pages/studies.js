import { outcomeLabel } from '/words.js';
import { Status } from '../parts/activity.js';
import { useAddress } from '../parts/address.js';
import { useData } from '../parts/data.js';
import { duration, madeText, moment } from '../parts/format.js';
import { html, useEffect } from '../parts/html.js';

const orders = {
  newest: ['Newest first', (a, b) => b.createdMs - a.createdMs],
  oldest: ['Oldest first', (a, b) => a.createdMs - b.createdMs],
  name: ['Name', (a, b) => a.name.localeCompare(b.name)],
  workers: ['Most workers first', (a, b) => b.workers - a.workers],
  longest: ['Longest first', (a, b) => took(b) - took(a)],
};

function took({ createdMs, endedMs }) {
  return endedMs ? endedMs - createdMs : 0;
}

const outcomeOf = ({ outcome }) => (outcome ? (outcomeLabel[outcome] ?? outcome) : 'Not ended');

/** What studies can be put together by. */
const groupings = {
  '': ['Nothing', () => ''],
  outcome: ['Outcome', outcomeOf],
  host: ['Host', ({ made }) => made.host ?? 'Unknown host'],
  user: ['User', ({ made }) => made.user ?? 'Unknown user'],
  version: ['Version', ({ made }) => made.version ?? 'Unknown version'],
  month: ['Month', ({ made }) => made.created.slice(0, 7)],
};

/** What of a study the list shows, in small letters: what a search looks through. */
const words = ({ name, reason, lastReason, made }) =>
  `${name} ${reason ?? lastReason ?? ''} ${madeText(made)}`.toLowerCase();

export function StudiesPage() {
  const { data, error } = useData('/studies');
  const [view, change] = useAddress({ find: '', only: '', order: 'newest', group: '' });
  useEffect(() => {
    document.title = 'Studies · GreScale autopilot';
  }, []);
  if (error) return html`<h1>Studies</h1><p class="bad">${error}</p>`;
  if (!data) return html`<p class="quiet">Loading …</p>`;
  if (data.studies.length === 0)
    return html`<h1>No studies yet</h1><p>Start one on <a href="#/new">New study</a>, or with <code>autopilot run study.yaml</code>.</p>`;
  const shown = data.studies
    .filter((study) => words(study).includes(view.find.trim().toLowerCase()))
    .filter((study) => wanted(study, view.only))
    .sort((orders[view.order] ?? orders.newest)[1]);
  const [, groupOf] = groupings[view.group] ?? groupings[''];
  const groups = [...new Set(shown.map(groupOf))];
  const outcomes = [...new Set(data.studies.flatMap(({ outcome }) => outcome ?? []))];
  const pick = (part) => (event) => change({ [part]: event.target.value });
  return html`<h1>Studies</h1>
    <p class="quiet">Can each network be trained on many workers with no loss against one?</p>
    ${data.scalings.length > 0 && html`<p>How many workers: ${data.scalings.map((name) => html`<a href=${`#/scale/${encodeURIComponent(name)}`}>${name}</a> `)}</p>`}
    <form class="fields" role="search" onSubmit=${(event) => event.preventDefault()}>
      <label class="field"><span>Search names, reasons, hosts, users</span><input type="search" value=${view.find} onInput=${pick('find')} /></label>
      <label class="field"><span>Show</span><select value=${view.only} onChange=${pick('only')}>
        <option value="">All</option><option value="ended">Ended</option><option value="open">Not ended</option>
        ${outcomes.map((outcome) => html`<option value=${outcome}>${outcomeLabel[outcome] ?? outcome}</option>`)}
      </select></label>
      <label class="field"><span>Order</span><select value=${view.order} onChange=${pick('order')}>
        ${Object.entries(orders).map(([value, [label]]) => html`<option value=${value}>${label}</option>`)}
      </select></label>
      <label class="field"><span>Group by</span><select value=${view.group} onChange=${pick('group')}>
        ${Object.entries(groupings).map(([value, [label]]) => html`<option value=${value}>${label}</option>`)}
      </select></label>
    </form>
    <p class="quiet" role="status">${shown.length} of ${data.studies.length} studies</p>
    ${groups.map((group) => html`${group && html`<h2>${group}</h2>`}<${Cards} studies=${shown.filter((study) => groupOf(study) === group)} />`)}`;
}

/** All, ended, not ended (`open`), or of one outcome. */
function wanted({ endedMs, outcome }, only) {
  if (only === '') return true;
  return only === 'ended' || only === 'open' ? (only === 'ended') === Boolean(endedMs) : outcome === only;
}

function Cards({ studies }) {
  return html`<ul class="cards">${studies.map(
    (study) => html`<li key=${study.name}>
        <div class="head">
          <a href=${`#/study/${encodeURIComponent(study.name)}`}>${study.name}</a>
          <strong><${Status} outcome=${study.outcome} unverified=${study.unverified} activity=${study.activity} /></strong>
        </div>
        <div>${study.reason ?? study.lastReason ?? 'The baseline is being trained.'}</div>
        <div class="quiet">${study.workers} workers, ${study.epochs} epochs a run · started ${moment(study.createdMs)}${study.endedMs ? `, took ${duration(study.endedMs - study.createdMs)}` : ''} ${madeText(study.made)}${study.simulated ? html` · <span class="warn">simulated</span>` : ''}</div>
      </li>`,
  )}</ul>`;
}
