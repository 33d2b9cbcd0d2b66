import { useAddress } from '../parts/address.js';
import { Chart } from '../parts/chart.js';
import { CurveFields, curveDefaults, drawn } from '../parts/curves.js';
import { useData } from '../parts/data.js';
import { brief, duration, madeText, moment, plottable } from '../parts/format.js';
import { fieldWords, html, useEffect } from '../parts/html.js';
import { metricWords } from '../parts/metric.js';
import { Scroll } from '../parts/scroll.js';
import { lineOption, lossCaption } from './run.js';

/** `by`: a column and a curve for each `run`, or for each `setting`, then the mean of its runs; `only`: `differences`. */
const defaults = { ...curveDefaults, by: 'run', only: '' };

/** Several runs, or the iterations they are of: their curves in one plot, their settings side by side. */
export function ComparePage({ ids }) {
  const [view, change] = useAddress(defaults);
  const { data, error } = useData(`/compare?runs=${ids.map(encodeURIComponent).join(',')}`);
  useEffect(() => {
    document.title = 'Compare runs · GreScale autopilot';
  }, []);
  if (error) return html`<h1>Compare runs</h1><p class="bad">${error}</p><p><a href="#/">All studies</a></p>`;
  if (!data) return html`<p class="quiet">Loading …</p>`;
  const { runs } = data;
  const studies = [...new Map(runs.map(({ study, studyKind, made }) => [study, { study, studyKind, made }])).values()];
  const sides = sidesOf(runs, { bySetting: view.by === 'setting', oneStudy: studies.length === 1 });
  const measured = runs.find(({ run }) => run.metrics) ?? runs[0];
  const primary = measured?.primary ?? 'dice';
  const textOf = (metric) => metricWords(metric, Object.assign({}, ...runs.map(({ definitions }) => definitions)));
  const text = textOf(primary);
  const series = (of, how = view) =>
    drawn(
      sides.map(({ name, runs: own }) => ({ name, values: meanCurve(own, of) })),
      how,
    );
  const rows = settingRows(sides, textOf).filter(({ values }) => view.only === '' || new Set(values).size > 1);
  const many = `${sides.length} ${view.by === 'setting' ? 'settings' : 'runs'}`;
  const zoom = (from, to) => change({ from, to });
  const of = view.by === 'setting' ? '; the mean of the runs of each setting' : '';
  return html`${studies.map(({ study, studyKind, made }) => html`<p>${studyKind === 'guideline' ? html`<a href=${`#/study/${encodeURIComponent(study)}`}>← ${study}</a>` : study} <span class="quiet">${made ? `started ${moment(Date.parse(made.created))} ${madeText(made)}` : ''}</span></p>`)}
    <h1>Compare ${many}</h1>
    <form class="fields" aria-label="What is compared" onSubmit=${(event) => event.preventDefault()}>
      <label class="field"><span>Compare</span><select value=${view.by} onChange=${(event) => change({ by: event.target.value })}>
        <option value="run">Run by run</option><option value="setting">Iterations: the mean of the runs of each setting</option>
      </select></label>
      <label class="field beside"><input type="checkbox" checked=${view.only !== ''} onChange=${(event) => change({ only: event.target.checked ? 'differences' : '' })} /><span>Only differences</span></label>
    </form>
    <${CurveFields} view=${view} change=${change} />
    <div class="charts">
      <${Chart} option=${lineOption(
        series((one) => one.metrics?.[primary]),
        { axisName: 'epoch', text, view },
      )} caption=${`${text.heading} of the evaluation after each epoch${of}`} summary=${`${primary} of ${many} by epoch`} zoom=${zoom} />
      <${Chart} option=${lineOption(
        series((one) => one.loss),
        { axisName: 'epoch', view, log: view.log === 'loss' },
      )} caption=${lossCaption(view)} summary=${`Loss of ${many} by epoch`} zoom=${zoom} />
      <${Chart} option=${lineOption(
        series((one) => one.lr, { ...view, smooth: '0' }),
        { axisName: 'epoch', zero: true, view },
      )} caption="Learning rate" summary=${`Learning rate of ${many} by epoch`} zoom=${zoom} />
    </div>
    <h2>Side by side</h2>
    <p class="quiet">What differs from the first column is marked.</p>
    <${Scroll} label="Settings"><table class="sides">
      <thead><tr><td></td>${sides.map(({ name, runs: [first] }) => html`<th class="number" scope="col"><a href=${`#/run/${encodeURIComponent(first.run.id)}`}>${name}</a></th>`)}</tr></thead>
      <tbody>${rows.map(({ name, values, measured: found }) => html`<tr><th scope="row">${fieldWords[name] ?? name}</th>${values.map((value) => html`<td class=${`number${!found && value !== values[0] ? ' differs' : ''}`}>${value}</td>`)}</tr>`)}</tbody>
    </table><//>`;
}

/** What stands side by side. A run's key names it within its study only. */
function sidesOf(runs, { bySetting, oneStudy }) {
  const within = (study) => (oneStudy ? '' : `${study} `);
  if (!bySetting) return runs.map((one) => ({ name: `${within(one.study)}${one.run.key}`, runs: [one] }));
  const groups = new Map();
  for (const one of runs) {
    const { study, run } = one;
    const key = JSON.stringify([study, run.workers, run.setting]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const named = [...groups.values()].map((own) => {
    const numbers = [...new Set(own.map(({ run }) => run.iteration))].filter((number) => number !== null);
    const which = numbers.length === 0 ? 'baseline' : `iteration ${numbers.join(' + ')}`;
    return { name: `${within(own[0].study)}${which}${own.length > 1 ? ` (${own.length} runs)` : ''}`, runs: own };
  });
  return named;
}

/** Mean over the runs that have a value at an epoch. */
function meanCurve(runs, of) {
  const sums = new Map();
  for (const { curve } of runs)
    for (const point of curve) {
      const value = plottable(of(point));
      const { sum, count } = sums.get(point.epoch) ?? { sum: 0, count: 0 };
      sums.set(point.epoch, value === null ? { sum, count } : { sum: sum + value, count: count + 1 });
    }
  return [...sums].sort(([a], [b]) => a - b).map(([epoch, { sum, count }]) => [epoch, count > 0 ? sum / count : null]);
}

function settingRows(sides, textOf) {
  const firsts = sides.map(({ runs: [first] }) => first.run);
  const fields = [...new Set(firsts.flatMap(({ setting }) => Object.keys(setting)))];
  const all = sides.flatMap(({ runs }) => runs);
  const metrics = [...new Set(all.flatMap(({ run }) => Object.keys(run.metrics ?? {})))];
  const each = (of) => sides.map(({ runs }) => [...new Set(runs.map(of))].join(', '));
  const took = ({ run }) => (run.startedMs && run.endedMs ? duration(run.endedMs - run.startedMs) : '–');
  return [
    { name: 'workers', values: firsts.map(({ workers }) => brief(workers)) },
    ...fields.map((name) => ({ name, values: firsts.map(({ setting }) => brief(setting[name])) })),
    ...metrics.map((name) => ({
      name: textOf(name).heading,
      values: sides.map(({ runs }) => meanText(runs, textOf(name))),
      measured: true,
    })),
    { name: 'seed', values: each(({ run }) => String(run.seed)), measured: true },
    { name: 'state', values: each(({ run }) => run.state), measured: true },
    { name: 'started', values: sides.map(({ runs: [first] }) => moment(first.run.startedMs)), measured: true },
    { name: 'took', values: each(took), measured: true },
    { name: 'host', values: each(({ host }) => host ?? '–'), measured: true },
  ];
}

/** `87.90 %`, of several runs `87.90 % ± 0.61`; with their number where others of the setting have no value, as after divergence. */
function meanText(runs, text) {
  const values = runs.map(({ run }) => plottable(run.metrics?.[text.name])).filter((value) => value !== null);
  if (values.length === 0) return text.value(undefined);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const missing = values.length < runs.length ? ` (${values.length} of ${runs.length} runs)` : '';
  if (values.length === 1) return `${text.value(mean)}${missing}`;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return `${text.value(mean)} ± ${text.spread(Math.sqrt(variance), mean)}${missing}`;
}
