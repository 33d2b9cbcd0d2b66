import { useData } from '../parts/data.js';
import { duration, moment } from '../parts/format.js';
import { html, Outcome, useEffect } from '../parts/html.js';

export function StudiesPage() {
  const { data, error } = useData('/api/studies');
  useEffect(() => {
    document.title = 'Studies · GreScale autopilot';
  }, []);
  if (error) return html`<p class="bad">${error}</p>`;
  if (!data) return html`<p class="quiet">Loading …</p>`;
  if (data.studies.length === 0)
    return html`<h1>No studies yet</h1><p>Start one with <code>autopilot run study.yaml</code>.</p>`;
  return html`<h1>Studies</h1>
    <p class="quiet">Can each network be trained on many workers with no loss against one?</p>
    <div class="scroll"><table>
      <thead><tr><th>Study</th><th class="number">Workers</th><th>Outcome</th><th>Last decision</th><th>Started</th><th>Took</th></tr></thead>
      <tbody>${[...data.studies].reverse().map(
        (study) => html`<tr>
        <td><a href=${`#/study/${encodeURIComponent(study.name)}`}>${study.name}</a>${study.simulated ? html` <span class="warn">simulated</span>` : ''}</td>
        <td class="number">${study.workers}</td>
        <td><${Outcome} outcome=${study.outcome} /></td>
        <td>${study.lastReason ?? ''}</td>
        <td>${moment(study.createdMs)}</td>
        <td>${study.endedMs ? duration(study.endedMs - study.createdMs) : ''}</td>
      </tr>`,
      )}</tbody>
    </table></div>`;
}
