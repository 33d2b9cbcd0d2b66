import { Chart } from '../parts/chart.js';
import { useData } from '../parts/data.js';
import { brief, percent, plottable } from '../parts/format.js';
import { html, useEffect, useState } from '../parts/html.js';
import { lineOption } from './run.js';

/** Several runs: their curves in one plot, their settings side by side. */
export function ComparePage({ ids }) {
  const [onlyDifferences, setOnlyDifferences] = useState(false);
  const { data, error } = useData(`/compare?runs=${ids.map(encodeURIComponent).join(',')}`);
  useEffect(() => {
    document.title = 'Compare runs · GreScale autopilot';
  }, []);
  if (error) return html`<h1>Compare runs</h1><p class="bad">${error}</p>`;
  if (!data) return html`<p class="quiet">Loading …</p>`;
  const { runs } = data;
  const primary = Object.keys(runs.find(({ run }) => run.metrics)?.run.metrics ?? { dice: 0 })[0];
  const series = (of) =>
    runs.map(({ run, curve }) => ({ name: run.key, values: curve.map((one) => [one.epoch, plottable(of(one))]) }));
  const rows = settingRows(runs).filter(({ values }) => !onlyDifferences || new Set(values).size > 1);
  return html`<h1>Compare runs</h1>
    <div class="charts">
      <${Chart} option=${lineOption(
        series((one) => one.metrics?.[primary]),
        'epoch',
        percent,
      )} caption=${primary} summary=${`${primary} of ${runs.length} runs by epoch`} />
      <${Chart} option=${lineOption(
        series((one) => one.loss),
        'epoch',
      )} caption="Training loss" summary=${`Loss of ${runs.length} runs by epoch`} />
      <${Chart} option=${lineOption(
        series((one) => one.lr),
        'epoch',
      )} caption="Learning rate" summary=${`Learning rate of ${runs.length} runs by epoch`} />
    </div>
    <h2>Settings</h2>
    <div class="row"><input id="differences" type="checkbox" checked=${onlyDifferences} onChange=${(event) => setOnlyDifferences(event.target.checked)} /><label for="differences">Only differences</label></div>
    <div class="scroll" tabindex="0" role="region" aria-label="Settings"><table>
      <thead><tr><th></th>${runs.map(({ run }) => html`<th class="number"><a href=${`#/run/${encodeURIComponent(run.id)}`}>${run.key}</a></th>`)}</tr></thead>
      <tbody>${rows.map(({ name, values }) => html`<tr><th>${name}</th>${values.map((value) => html`<td class="number">${value}</td>`)}</tr>`)}</tbody>
    </table></div>`;
}

function settingRows(runs) {
  const fields = Object.keys(runs[0]?.run.setting ?? {});
  const metrics = [...new Set(runs.flatMap(({ run }) => Object.keys(run.metrics ?? {})))];
  return [
    { name: 'workers', values: runs.map(({ run }) => brief(run.workers)) },
    ...fields.map((name) => ({ name, values: runs.map(({ run }) => brief(run.setting[name])) })),
    { name: 'seed', values: runs.map(({ run }) => brief(run.seed)) },
    { name: 'state', values: runs.map(({ run }) => run.state) },
    ...metrics.map((name) => ({ name, values: runs.map(({ run }) => percent(run.metrics?.[name])) })),
  ];
}
