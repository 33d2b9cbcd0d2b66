import { Chart } from '../parts/chart.js';
import { useData } from '../parts/data.js';
import { brief, plottable } from '../parts/format.js';
import { fieldWords, html, useEffect, useState } from '../parts/html.js';
import { metricWords } from '../parts/metric.js';
import { Scroll } from '../parts/scroll.js';
import { lineOption } from './run.js';

/** Several runs: their curves in one plot, their settings side by side. */
export function ComparePage({ ids }) {
  const [onlyDifferences, setOnlyDifferences] = useState(false);
  const { data, error } = useData(`/compare?runs=${ids.map(encodeURIComponent).join(',')}`);
  useEffect(() => {
    document.title = 'Compare runs · GreScale autopilot';
  }, []);
  if (error) return html`<h1>Compare runs</h1><p class="bad">${error}</p><p><a href="#/">All studies</a></p>`;
  if (!data) return html`<p class="quiet">Loading …</p>`;
  const { runs } = data;
  const studies = [...new Set(runs.map(({ study }) => study))];
  // A run's key names it within its study only.
  const nameOf = ({ run, study }) => (studies.length > 1 ? `${study} ${run.key}` : run.key);
  const measured = runs.find(({ run }) => run.metrics) ?? runs[0];
  const primary = measured?.primary ?? 'dice';
  const textOf = (metric) => metricWords(metric, Object.assign({}, ...runs.map(({ definitions }) => definitions)));
  const text = textOf(primary);
  const series = (of) =>
    runs.map((one) => ({ name: nameOf(one), values: one.curve.map((point) => [point.epoch, plottable(of(point))]) }));
  const rows = settingRows(runs, textOf).filter(({ values }) => !onlyDifferences || new Set(values).size > 1);
  return html`${studies.map((study) => html`<p><a href=${`#/study/${encodeURIComponent(study)}`}>← ${study}</a></p>`)}
    <h1>Compare ${runs.length} runs</h1>
    <div class="charts">
      <${Chart} option=${lineOption(
        series((one) => one.metrics?.[primary]),
        { axisName: 'epoch', text },
      )} caption=${`${text.heading} of the evaluation after each epoch`} summary=${`${primary} of ${runs.length} runs by epoch`} />
      <${Chart} option=${lineOption(
        series((one) => one.loss),
        { axisName: 'epoch' },
      )} caption="Training loss ↓" summary=${`Loss of ${runs.length} runs by epoch`} />
      <${Chart} option=${lineOption(
        series((one) => one.lr),
        { axisName: 'epoch', zero: true },
      )} caption="Learning rate" summary=${`Learning rate of ${runs.length} runs by epoch`} />
    </div>
    <h2>Settings</h2>
    <div class="row"><input id="differences" type="checkbox" checked=${onlyDifferences} onChange=${(event) => setOnlyDifferences(event.target.checked)} /><label for="differences">Only differences</label></div>
    <${Scroll} label="Settings"><table class="sides">
      <thead><tr><td></td>${runs.map((one) => html`<th class="number" scope="col"><a href=${`#/run/${encodeURIComponent(one.run.id)}`}>${nameOf(one)}</a></th>`)}</tr></thead>
      <tbody>${rows.map(({ name, values }) => html`<tr><th scope="row">${fieldWords[name] ?? name}</th>${values.map((value) => html`<td class="number">${value}</td>`)}</tr>`)}</tbody>
    </table><//>`;
}

function settingRows(runs, textOf) {
  const fields = Object.keys(runs[0]?.run.setting ?? {});
  const metrics = [...new Set(runs.flatMap(({ run }) => Object.keys(run.metrics ?? {})))];
  return [
    { name: 'workers', values: runs.map(({ run }) => brief(run.workers)) },
    ...fields.map((name) => ({ name, values: runs.map(({ run }) => brief(run.setting[name])) })),
    { name: 'seed', values: runs.map(({ run }) => String(run.seed)) },
    { name: 'state', values: runs.map(({ run }) => run.state) },
    ...metrics.map((name) => ({
      name: textOf(name).heading,
      values: runs.map(({ run }) => textOf(name).value(run.metrics?.[name])),
    })),
  ];
}
