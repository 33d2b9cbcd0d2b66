import { useAddress } from '../parts/address.js';
import { Chart, metricAxis, themeColour } from '../parts/chart.js';
import { EpochClassCurves } from '../parts/class-curves.js';
import { CurveFields, curveDefaults, drawn } from '../parts/curves.js';
import { act, useData } from '../parts/data.js';
import { brief, bytes, commitText, duration, moment, plottable } from '../parts/format.js';
import { fieldWords, html, useEffect, useState } from '../parts/html.js';
import { metricWords } from '../parts/metric.js';
import { Scroll } from '../parts/scroll.js';

/** Words that want to be noticed. */
const stateTone = { running: 'good', diverged: 'bad', failed: 'bad', stopped: 'warn' };

const phases = ['warmup', 'stabilization', 'decay'];

export function RunPage({ id }) {
  const [view, change] = useAddress(curveDefaults);
  const { data, error } = useData(`/runs/${encodeURIComponent(id)}`);
  useEffect(() => {
    document.title = `${id} · GreScale autopilot`;
  }, [id]);
  if (error) return html`<h1>${id}</h1><p class="bad">${error}</p><p><a href="#/">All studies</a></p>`;
  if (!data) return html`<p class="quiet">Loading …</p>`;
  const { run, curve, epochs, attempts, resources, predictions } = data;
  const latest = curve.at(-1);
  const textOf = (metric) => metricWords(metric, data.definitions);
  const page = { guideline: 'study', scaling: 'scale' }[data.studyKind];
  const last = attempts.at(-1);
  const zoom = (from, to) => change({ from, to });
  const metricChart = ({ series, text, caption, summary }) =>
    html`<${Chart} option=${lineOption(drawn(series, view), { axisName: 'epoch', end: epochs, text, view })} caption=${caption} summary=${summary} zoom=${zoom} />`;
  return html`<p>${page ? html`<a href=${`#/${page}/${encodeURIComponent(data.study)}`}>← ${data.study}</a>` : html`Of the comparison ${data.study} · <a href="#/">All studies</a>`}</p>
    <h1>${run.key} <span class=${stateTone[run.state] ?? 'quiet'}>${run.state}</span></h1>
    ${run.simulated && html`<p class="banner"><strong>Simulated.</strong> These numbers come from the simulated trainer.</p>`}
    ${run.reason && html`<p class="bad">${run.reason}</p>`}
    <dl class="facts">
      <div><dt>Workers</dt><dd>${run.workers}</dd></div>
      <div><dt>Epoch</dt><dd>${latest?.epoch ?? 0} of ${epochs}</dd></div>
      <div><dt>Phase</dt><dd>${latest?.phase ?? '–'}</dd></div>
      <div><dt>Learning rate</dt><dd>${brief(latest?.lr)}</dd></div>
      <div><dt>Loss</dt><dd>${brief(latest?.loss)}</dd></div>
      ${Object.entries(run.metrics ?? latest?.metrics ?? {})
        .slice(0, 4)
        .map(([name, value]) => html`<div><dt>${textOf(name).heading}</dt><dd>${textOf(name).value(value)}</dd></div>`)}
      <div><dt>Seed</dt><dd>${run.seed}</dd></div>
      <div><dt>Started</dt><dd>${moment(run.startedMs)}</dd></div>
      <div><dt>Took</dt><dd>${run.startedMs && run.endedMs ? duration(run.endedMs - run.startedMs) : '–'}</dd></div>
      <div><dt>Host</dt><dd>${last?.environment?.host ?? data.made?.host ?? '–'}</dd></div>
      <div><dt>User</dt><dd>${data.made?.user ?? '–'}</dd></div>
      <div><dt>Version</dt><dd>${data.made?.version ?? '–'}</dd></div>
      <div><dt>Commit</dt><dd>${commitText(data.made?.commit)}</dd></div>
    </dl>
    ${run.state === 'running' && html`<progress max=${epochs} value=${latest?.epoch ?? 0} aria-label="Epochs"></progress>`}
    ${data.writable && run.state === 'running' && html`<${StopRun} id=${id} />`}
    <h2>Training</h2>
    <${CurveFields} view=${view} change=${change} />
    <div class="charts">
      <${Chart} option=${rateOption(curve, epochs, view)} caption="Learning rate of each epoch's last step, coloured by phase" summary=${`Learning rate over ${curve.length} epochs, now ${brief(latest?.lr)}`} zoom=${zoom} />
      <${Chart} option=${lineOption(drawn([{ name: 'loss', values: curve.map((one) => [one.epoch, plottable(one.loss)]) }], view), { axisName: 'epoch', end: epochs, view, log: view.log === 'loss' })} caption=${lossCaption(view)} summary=${`Loss over ${curve.length} epochs, now ${brief(latest?.loss)}`} zoom=${zoom} />
      ${curve.some(({ noiseScale }) => noiseScale !== null) && html`<${Chart} option=${noiseOption(curve, { epochs, view }, run.workers * (run.measured?.batchPerWorker ?? 1))} caption="Gradient noise scale, in samples: the batch of a step at which noise and signal are equal. Logarithmic; dashed: the batch of this run" summary=${`Gradient noise scale over ${curve.length} epochs`} zoom=${zoom} />`}
      ${metricPlots(curve, textOf).map((texts) =>
        metricChart({
          series: texts.map(({ name, heading }) => ({
            name: heading,
            values: curve.map((one) => [one.epoch, plottable(one.metrics?.[name])]),
          })),
          text: texts[0],
          caption: `${texts.map(({ heading }) => heading).join(', ')} of the evaluation after each epoch`,
          summary: `${texts.map(({ name }) => name).join(', ')} over ${curve.length} epochs; ${texts[0].axis}`,
        }),
      )}
      <${EpochClassCurves} curve=${curve} primary=${data.primary} textOf=${textOf} chart=${metricChart} />
    </div>
    <${Evaluations} evaluations=${data.evaluations} textOf=${textOf} />
    <${Measured} measured=${run.measured} unverified=${data.unverifiedText} />
    <h2>Setting</h2>
    <dl class="facts">${Object.entries(run.setting).map(([name, value]) => html`<div><dt>${fieldWords[name] ?? name}</dt><dd>${brief(value)}</dd></div>`)}</dl>
    ${
      predictions.length > 0 &&
      html`<h2>Predictions</h2>${ownPictures(predictions) && html`<p class="quiet">Test slices. ${data.classColours.map(({ name, colour }) => html`<span class="swatch" style=${`background: ${colour}`}></span> ${name} `)}: filled where found, a frame where missed (only in the true mask), a dot where too much (only predicted), two colours where one class was taken for another.</p>`}
      <div class="pictures">${predictions.map(({ file }) => html`<img loading="lazy" src=${`/api/runs/${encodeURIComponent(id)}/prediction/${encodeURIComponent(file)}`} alt=${`Prediction ${file}`} />`)}</div>`
    }
    ${resources.length > 0 && html`<h2>Resources</h2><div class="charts">${resourceCharts(resources)}</div>`}
    <h2>Attempts</h2>
    <${Scroll} label="Attempts"><table class="stacked" role="table">
      <thead role="rowgroup"><tr role="row">${attemptColumns.map(({ title }) => html`<th role="columnheader">${title}</th>`)}</tr></thead>
      <tbody role="rowgroup">${attempts.map((one) => html`<tr role="row">${attemptColumns.map(({ title, of }) => html`<td role="cell" data-label=${title}><div>${of(one)}</div></td>`)}</tr>`)}</tbody>
    </table><//>
    <${Logs} id=${id} />`;
}

/** The noise scale and the batch of a step: noise outweighs the signal where the batch is below the scale. */
function noiseOption(curve, { epochs, view }, batch) {
  const known = curve.flatMap(({ epoch, noiseScale }) => (noiseScale === null ? [] : [[epoch, noiseScale]]));
  const option = lineOption(
    [
      ...drawn([{ name: 'noise scale', values: known }], view),
      {
        name: 'batch of a step',
        values: [Number(view.from) || 1, Number(view.to) || epochs].map((epoch) => [epoch, batch]),
      },
    ],
    { axisName: 'epoch', end: epochs, view, log: true },
  );
  const ofStep = option.series.at(-1);
  return { ...option, series: [...option.series.slice(0, -1), { ...ofStep, lineStyle: { type: 'dashed' } }] };
}

/** What was asked of the run, and what its trainer measured. */
function Measured({ measured, unverified }) {
  if (!measured) return null;
  const { asked, lr, steps, workers, batchPerWorker, optimizer } = measured;
  const rate = ({ min, max }) => (min === max ? brief(min) : `${brief(min)} to ${brief(max)}`);
  const lines = [
    ['Workers', asked.workers, workers],
    ['Batch per worker', asked.batchPerWorker, batchPerWorker],
    ['Optimizer', asked.optimizer, optimizer],
    ['Learning rate', rate(asked.lr), lr?.map(rate).join(', ')],
    ['Optimizer steps', '–', steps],
  ];
  return html`<h2>Asked and measured</h2>
    ${unverified && html`<p class="warn">${unverified}</p>`}
    <${Scroll} label="Asked and measured"><table class="stacked" role="table">
      <thead role="rowgroup"><tr role="row">${['What', 'Asked', 'Measured'].map((title) => html`<th role="columnheader">${title}</th>`)}</tr></thead>
      <tbody role="rowgroup">${lines.map(
        ([name, wanted, found]) => html`<tr role="row">
        <td role="cell" data-label="What"><div>${name}</div></td>
        <td role="cell" data-label="Asked"><div>${wanted}</div></td>
        <td role="cell" data-label="Measured"><div>${found ?? 'not reported'}</div></td>
      </tr>`,
      )}</tbody>
    </table><//>`;
}

/** The final evaluation on each part of the data, over all classes and class by class. */
function Evaluations({ evaluations, textOf }) {
  const lines = evaluations.flatMap(({ split, metrics, classes }) => [
    { split, name: 'all', metrics },
    ...Object.entries(classes ?? {}).map(([name, own]) => ({ split, name, metrics: own })),
  ]);
  if (lines.length < 2) return null;
  const names = [...new Set(lines.flatMap(({ metrics }) => Object.keys(metrics)))];
  return html`<h2>Evaluation by part and class</h2>
    <${Scroll} label="Evaluation by part and class"><table class="stacked" role="table">
      <thead role="rowgroup"><tr role="row">${['Part', 'Class', ...names.map((name) => textOf(name).heading)].map((title, index) => html`<th role="columnheader" class=${index > 1 ? 'number' : ''}>${title}</th>`)}</tr></thead>
      <tbody role="rowgroup">${lines.map(
        ({ split, name, metrics }) => html`<tr role="row">
        <td role="cell" data-label="Part"><div>${split}</div></td>
        <td role="cell" data-label="Class"><div>${name}</div></td>
        ${names.map((metric) => html`<td role="cell" class="number" data-label=${textOf(metric).heading}><div>${textOf(metric).value(metrics[metric])}</div></td>`)}
      </tr>`,
      )}</tbody>
    </table><//>`;
}

const attemptColumns = [
  { title: '#', of: ({ number }) => number },
  { title: 'Launcher', of: ({ launcher }) => launcher },
  { title: 'Host', of: ({ environment }) => environment?.host ?? '–' },
  { title: 'State', of: ({ state }) => state },
  {
    title: 'Ended by',
    of: ({ exitReason, exitMessage }) => [exitReason, exitMessage].filter(Boolean).join(': ') || '–',
  },
  { title: 'Started', of: ({ startedMs }) => moment(startedMs) },
  { title: 'Took', of: ({ startedMs, endedMs }) => (startedMs && endedMs ? duration(endedMs - startedMs) : '–') },
  { title: 'Resumed from', of: ({ resumeFrom }) => resumeFrom ?? '–' },
];

function StopRun({ id }) {
  const [said, setSaid] = useState('');
  return html`<div class="row"><button class="secondary" onClick=${async () => setSaid((await act(`/runs/${encodeURIComponent(id)}/stop`)) ?? 'Asked to stop.')}>Stop this run</button><span role="status">${said}</span></div>`;
}

function Logs({ id }) {
  const [open, setOpen] = useState(false);
  return html`<h2>Logs</h2>${open ? html`<${LogText} id=${id} />` : html`<button class="secondary" onClick=${() => setOpen(true)}>Show the logs</button>`}`;
}

function LogText({ id }) {
  const { data, error } = useData(`/runs/${encodeURIComponent(id)}/log`);
  if (error) return html`<p class="bad">${error}</p>`;
  if (!data) return html`<p class="quiet">Loading …</p>`;
  if (data.length === 0) return html`<p class="quiet">There are none.</p>`;
  return data.map(({ file, lines }) => html`<h3>${file}</h3><pre tabindex="0">${lines.join('\n') || '(empty)'}</pre>`);
}

/** The embedded trainer's pictures, whose colours are known. */
function ownPictures(predictions) {
  return predictions.every(({ file }) => /^test-\d{4,}\.png$/.test(file));
}

function metricNames(curve) {
  return [...new Set(curve.flatMap((one) => Object.keys(one.metrics ?? {})))].slice(0, 5);
}

/** The metrics of each plot: those of one unit and direction share an axis. */
function metricPlots(curve, textOf) {
  const plots = new Map();
  for (const text of metricNames(curve).map(textOf)) {
    const kind = `${text.fraction} ${text.axis}`;
    plots.set(kind, [...(plots.get(kind) ?? []), text]);
  }
  return [...plots.values()];
}

/** A phase begins where the one before it ends, so that the curve has no gaps. */
function rateOption(curve, epochs, view) {
  const known = phases.some((phase) => curve.some((one) => one.phase === phase));
  const series = known
    ? phases.map((phase) => ({
        name: phase,
        colour: themeColour(`--${phase}`),
        values: curve.map((one, index) => [
          one.epoch,
          one.phase === phase || curve[index + 1]?.phase === phase ? plottable(one.lr) : null,
        ]),
      }))
    : [{ name: 'learning rate', values: curve.map((one) => [one.epoch, plottable(one.lr)]) }];
  return lineOption(drawn(series, { ...view, smooth: 0 }), { axisName: 'epoch', end: epochs, zero: true, view });
}

/**
 * `end`: where the horizontal axis ends, so that a curve grows into its frame; `zero`: the vertical one begins there;
 * `text`: the metric that is drawn, which names the vertical axis; `view`: the epochs to be seen; `log`: a logarithmic axis,
 * which has no place for 0 and below.
 */
export function lineOption(series, { axisName, end, text, format = text?.tick, zero = false, view = {}, log = false }) {
  return {
    xAxis: {
      type: 'value',
      name: axisName,
      nameLocation: 'middle',
      nameGap: 26,
      minInterval: 1,
      ...((view.to || end) && { max: Number(view.to) || end }),
      ...(view.from && { min: Number(view.from) }),
    },
    yAxis: {
      type: log ? 'log' : 'value',
      scale: !zero,
      // Room above the highest point, but none above 100 %.
      max: ({ max }) => (text?.fraction && max > 0.9 && max <= 1 ? 1 : undefined),
      ...(text && metricAxis(text)),
      boundaryGap: [0, '6%'],
      ...(format && { axisLabel: { formatter: format, color: themeColour('--quiet') } }),
    },
    grid: { left: 12, right: 18, top: text ? 32 : 18, bottom: 34, containLabel: true },
    series: series.map(({ name, values, colour, faint }) => ({
      name,
      type: 'line',
      showSymbol: values.length === 1,
      data: log ? values.map(([x, value]) => [x, value > 0 ? value : null]) : values,
      ...(colour && { itemStyle: { color: colour } }),
      ...(faint && { lineStyle: { opacity: 0.25 }, tooltip: { show: false }, silent: true }),
    })),
  };
}

function resourceCharts(resources) {
  const chart = (field, caption, format) => {
    if (!resources.some(({ values }) => values[field].some((value) => value !== null))) return null;
    const series = resources.map(({ rank, seconds, values }) => ({
      name: `rank ${rank}`,
      values: seconds.map((second, index) => [second, values[field][index]]),
    }));
    return html`<${Chart} option=${lineOption(series, { axisName: 'seconds', format, zero: true })} caption=${caption} summary=${`${caption} over time, ${series.length} ranks`} />`;
  };
  return [
    chart('stepsPerSecond', 'Steps per second'),
    chart('cpuPercent', 'Processor use, percent of one core'),
    chart('memoryBytes', 'Memory', bytes),
    chart('networkReceiveBytes', 'Received over the network between samples', bytes),
    chart('networkTransmitBytes', 'Sent over the network between samples', bytes),
    chart('gpuPercent', 'GPU use, percent'),
    chart('gpuMemoryBytes', 'GPU memory', bytes),
  ];
}

/** What the loss's curve is, as it is drawn. */
export function lossCaption({ log }) {
  return `Training loss ↓${log === 'loss' ? ', logarithmic: 0 and below are not drawn' : ''}`;
}
