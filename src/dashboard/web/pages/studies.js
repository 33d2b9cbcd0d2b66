import { Status } from '../parts/activity.js';
import { useData } from '../parts/data.js';
import { duration, moment } from '../parts/format.js';
import { html, useEffect } from '../parts/html.js';

export function StudiesPage() {
  const { data, error } = useData('/studies');
  useEffect(() => {
    document.title = 'Studies · GreScale autopilot';
  }, []);
  if (error) return html`<h1>Studies</h1><p class="bad">${error}</p>`;
  if (!data) return html`<p class="quiet">Loading …</p>`;
  if (data.studies.length === 0)
    return html`<h1>No studies yet</h1><p>Start one on <a href="#/new">New study</a>, or with <code>autopilot run study.yaml</code>.</p>`;
  return html`<h1>Studies</h1>
    <p class="quiet">Can each network be trained on many workers with no loss against one?</p>
    ${data.scalings.length > 0 && html`<p>How many workers: ${data.scalings.map((name) => html`<a href=${`#/scale/${encodeURIComponent(name)}`}>${name}</a> `)}</p>`}
    <ul class="cards">${[...data.studies].reverse().map(
      (study) => html`<li>
        <div class="head">
          <a href=${`#/study/${encodeURIComponent(study.name)}`}>${study.name}</a>
          <strong><${Status} outcome=${study.outcome} unverified=${study.unverified} activity=${study.activity} /></strong>
        </div>
        <div>${study.reason ?? study.lastReason ?? 'The baseline is being trained.'}</div>
        <div class="quiet">${study.workers} workers, ${study.epochs} epochs a run · started ${moment(study.createdMs)}${study.endedMs ? `, took ${duration(study.endedMs - study.createdMs)}` : ''}${study.simulated ? html` · <span class="warn">simulated</span>` : ''}</div>
      </li>`,
    )}</ul>`;
}
