import { verdictText } from '/words.js';
import { activityText, Controls, Status } from '../parts/activity.js';
import { useAddress } from '../parts/address.js';
import { Chart, metricAxis, themeColour } from '../parts/chart.js';
import { ClassCurves } from '../parts/class-curves.js';
import { act, useData } from '../parts/data.js';
import { Flowchart } from '../parts/flowchart.js';
import { brief, commitText, duration, moment, plottable } from '../parts/format.js';
import { actionWords, fieldWords, html, useEffect, useState } from '../parts/html.js';
import { metricWords } from '../parts/metric.js';
import { Scroll } from '../parts/scroll.js';
import { Takeaway } from '../parts/takeaway.js';
import { lineOption } from './run.js';

export function StudyPage({ name }) {
  const [{ before }, change] = useAddress({ before: '' });
  const [chosen, setChosen] = useState([]);
  const { data, error } = useData(`/studies/${encodeURIComponent(name)}${before === '' ? '' : `?before=${before}`}`);
  useEffect(() => {
    document.title = `${name} · GreScale autopilot`;
  }, [name]);
  if (error) return html`<h1>${name}</h1><p class="bad">${error}</p><p><a href="#/">All studies</a></p>`;
  if (!data) return html`<p class="quiet">Loading …</p>`;
  const { metrics, iterations, baseline, runList, running, best } = data;
  const primary = metrics[0];
  const textOf = (metric) => metricWords(metric, data.definitions);
  const text = textOf(primary);
  const runsOf = (row) => runList.filter((run) => run.iteration === row.iteration && run.kind === row.kind);
  const isBest = (row) => row.iteration !== null && Boolean(best?.iterations.includes(row.iteration));
  const choose = (ids, on) => setChosen([...chosen.filter((one) => !ids.includes(one)), ...(on ? ids : [])]);
  return html`<h1>${data.study}</h1>
    <p class="quiet">Can it be trained on ${data.workers} workers with no loss against one? Judged by ${primary}${text.axis ? ` (${text.axis})` : ''}.</p>
    ${data.simulated && html`<p class="banner"><strong>Simulated.</strong> These numbers come from the simulated trainer, not from training.</p>`}
    ${data.unverifiedText && html`<p class="banner">${data.unverifiedText}</p>`}
    <div class="answer">
      <strong><${Status} outcome=${data.outcome} unverified=${data.unverified} activity=${data.activity} /></strong>
      <div>${answer(data)}</div>
      ${data.extendedText && html`<div>${data.extendedText}</div>`}
      <div class="last-word">${data.reason ?? data.lastReason ?? 'The baseline is being trained.'}</div>
      <div class="quiet">${activityText(data)}</div>
    </div>
    <dl class="facts">
      <div><dt>Workers</dt><dd>${data.workers}</dd></div>
      <div><dt>Epochs a run</dt><dd>${data.epochs}</dd></div>
      <div><dt>Baseline ${primary}</dt><dd>${mean(baseline?.metrics[primary], text)}</dd></div>
      <div><dt>Best ${primary}</dt><dd>${mean(best?.metrics[primary], text)}${best && html`<div class="quiet">${bestDetail(best, text)}</div>`}</dd></div>
      <div><dt>Cost</dt><dd>${brief(data.totals.workerHours)} worker-hours<div class="quiet">${data.totals.runs} ${data.totals.runs === 1 ? 'run' : 'runs'}</div></dd></div>
      <div><dt>Started</dt><dd>${moment(data.createdMs)}</dd></div>
      ${data.made.ended && html`<div><dt>Took</dt><dd>${duration(1000 * data.made.seconds)}</dd></div>`}
      <div><dt>Host</dt><dd>${data.made.host ?? '–'}</dd></div>
      <div><dt>User</dt><dd>${data.made.user ?? '–'}</dd></div>
      <div><dt>Version</dt><dd>${data.made.version ?? '–'}</dd></div>
      <div><dt>Commit</dt><dd>${commitText(data.made.commit)}</dd></div>
    </dl>
    ${
      running.length > 0 &&
      html`<div>Running now: ${running.map(
        ({ id, key, epoch }) =>
          html`<div class="row"><a href=${`#/run/${encodeURIComponent(id)}`}>${key}</a> <progress max=${data.epochs} value=${epoch} aria-label=${`Epochs of ${key}`}></progress> <span class="quiet">epoch ${epoch} of ${data.epochs}</span></div>`,
      )}</div>`
    }
    ${data.writable && html`<${Controls} name=${data.study} state=${data.activity.state} outcome=${data.outcome} />`}
    <h2>Where it stands</h2>
    <${Scroll} label="Flowchart" bare=${true}><${Flowchart} study=${data} /><//>
    <h2>${text.heading} by iteration</h2>
    ${
      data.points.length === 0
        ? html`<p class="quiet">No iteration has a result yet.</p>`
        : html`<${Chart} option=${metricOption(data)} caption=${`Means of each iteration; diamonds are validations with new seeds. The dashed line is the baseline's ${primary}, the band its standard deviation.`}
      summary=${`${primary} by iteration: ${iterations
        .slice(-20)
        .map((row) => `${row.iteration}: ${text.value(row.metrics[primary]?.mean)}`)
        .join(', ')}; baseline ${text.value(baseline?.metrics[primary]?.mean)}; ${text.axis}`} />`
    }
    <${ClassCurves} iterations=${iterations} primary=${primary} textOf=${textOf} optionOf=${(series, classText) => lineOption(series, { axisName: 'iteration', text: classText })} />
    <h2>Iterations</h2>
    <${Pages} range=${data.range} last=${data.lastIteration} show=${(number) => change({ before: number === null ? '' : String(number) })} />
    <${Scroll} label="Iterations"><table class="stacked" role="table">
      <thead role="rowgroup"><tr role="row">${['#', 'Action', ...metrics, 'Verdict and why', 'Worker-hours', 'Runs'].map((title) => html`<th role="columnheader" class=${numeric(title, metrics) ? 'number' : ''}>${metrics.includes(title) ? textOf(title).heading : title}</th>`)}</tr></thead>
      <tbody role="rowgroup">${(baseline ? [baseline, ...iterations] : iterations).map(
        (row) => html`<tr role="row" class=${isBest(row) ? 'best' : ''}>
        <td role="cell" class="number" data-label="#"><div>${row.iteration ?? '–'}</div></td>
        <td role="cell" class="action" data-label="Action"><div>${row.iteration === null ? 'Baseline, one worker' : (actionWords[row.action] ?? row.action)}${isBest(row) && html` <span class="tag">best</span>`}</div>
          ${row.iteration !== null && row.changes.map((change) => html`<div class="quiet keep">${fieldWords[change.field] ?? change.field} ${brief(change.from)} → ${brief(change.to)}</div>`)}</td>
        ${metrics.map((metric) => html`<td role="cell" class="number" data-label=${textOf(metric).heading}>${metricCell(row, textOf(metric))}</td>`)}
        <td role="cell" class="reason" data-label="Verdict and why"><div>${verdictOf(row)}</div><div class="quiet">${row.reason ?? ''}</div></td>
        <td role="cell" class="number" data-label="Worker-hours"><div>${row.workerHours > 0 ? brief(row.workerHours) : '–'}</div></td>
        <td role="cell" class="runs" data-label="Runs"><${RunLinks} row=${row} runs=${runsOf(row)} chosen=${chosen} choose=${choose} /></td>
      </tr>`,
      )}</tbody>
    </table><//>
    <${Parts} rows=${baseline ? [baseline, ...iterations] : iterations} primary=${primary} textOf=${textOf} />
    ${runList.length > 1 && html`<${CompareLink} runList=${runList} chosen=${chosen} />`}
    <${Takeaway} name=${data.study} archived=${data.writable} />
    <${Notes} name=${data.study} notes=${data.notes} writable=${data.writable} />`;
}

/** The question's answer so far, in numbers. */
function answer({ outcome, unverified, best, baseline, metrics, definitions, workers }) {
  const [primary] = metrics;
  const [found, reference] = [best?.metrics[primary], baseline?.metrics[primary]];
  if (!found || !reference) return null;
  const text = metricWords(primary, definitions);
  const difference = text.change(found);
  if (outcome === 'noLoss')
    return `Yes${unverified.length > 0 ? ', unverified' : ''}: ${primary} is ${text.value(found.mean)} on ${workers} workers, ${text.value(reference.mean)} on one (${difference}; see below what was confirmed).`;
  const which = outcome ? 'No setting was confirmed; the best' : 'The best setting so far';
  return `${which} has ${primary} ${text.value(found.mean)} on ${workers} workers, one worker ${text.value(reference.mean)} (${difference}).`;
}

/** Of which iterations the best setting's runs are, and the interval of their mean. */
function bestDetail({ iterations, intervals, verdict }, text) {
  const interval = intervals[text.name];
  const which = `${iterations.length === 1 ? 'iteration' : 'iterations'} ${iterations.join(', ')}`;
  const judged = ['notConfirmed', 'diverged'].includes(verdict) ? `, ${verdictText[verdict] ?? verdict}` : '';
  const within = interval ? `, 95 % interval ${text.value(interval.low)} to ${text.value(interval.high)}` : '';
  return `${which}${judged}${within}`;
}

function verdictOf({ verdict, state }) {
  return verdict ? (verdictText[verdict] ?? verdict) : state === 'notTrained' ? 'not trained' : state;
}

function numeric(title, metrics) {
  return title === '#' || title === 'Worker-hours' || metrics.includes(title);
}

function metricCell(row, text) {
  const value = row.metrics[text.name];
  if (!value) return html`<div>–</div>`;
  return html`<div>${text.value(value.mean)}</div>
    ${row.iteration !== null && html`<div class=${text.tone(value)}>${text.difference(value.difference)}<div>${text.word(value)}</div></div>`}
    ${value.sd !== null && html`<div class="quiet keep">± ${text.spread(value.sd, value.mean)}, n ${value.n}</div>`}`;
}

/** Each part of the data and each class of every row; nothing where there is one part and no class. */
function Parts({ rows, primary, textOf }) {
  const parts = rows.flatMap((row) => row.parts.map((part) => ({ row, ...part })));
  const ofClasses = parts.flatMap(({ classes }) => Object.values(classes).flatMap(Object.keys));
  if (ofClasses.length === 0 && new Set(parts.map(({ split }) => split)).size < 2) return null;
  const metrics = [...new Set([primary, ...ofClasses])];
  const lines = parts.flatMap(({ row, split, metrics: all, classes }) => [
    { row, split, name: 'all', values: all },
    ...Object.entries(classes).map(([name, values]) => ({ row, split, name, values })),
  ]);
  return html`<h2>Parts of the data and classes</h2>
    <p class="quiet">Where there is a validation part, settings are chosen on it and confirmed on the test part. Differences are to the baseline on the same part.</p>
    <${Scroll} label="Parts and classes"><table class="stacked" role="table">
      <thead role="rowgroup"><tr role="row">${['#', 'Action', 'Part', 'Class', ...metrics].map((title) => html`<th role="columnheader" class=${numeric(title, metrics) ? 'number' : ''}>${metrics.includes(title) ? textOf(title).heading : title}</th>`)}</tr></thead>
      <tbody role="rowgroup">${lines.map(
        ({ row, split, name, values }) => html`<tr role="row">
        <td role="cell" class="number" data-label="#"><div>${row.iteration ?? '–'}</div></td>
        <td role="cell" class="action" data-label="Action"><div>${row.iteration === null ? 'Baseline, one worker' : (actionWords[row.action] ?? row.action)}</div></td>
        <td role="cell" data-label="Part"><div>${split}</div></td>
        <td role="cell" data-label="Class"><div>${name}</div></td>
        ${metrics.map((metric) => html`<td role="cell" class="number" data-label=${textOf(metric).heading}>${metricCell({ ...row, metrics: values }, textOf(metric))}</td>`)}
      </tr>`,
      )}</tbody>
    </table><//>`;
}

/** The table's pages, newest first; nothing where one page holds all. */
function Pages({ range, last, show }) {
  if (last === null || (range.from === 0 && range.to >= last)) return null;
  return html`<nav class="row" aria-label="Pages of iterations">
    <span>Iterations ${range.from} to ${range.to}, of 0 to ${last}</span>
    <button class="secondary" disabled=${range.from === 0} onClick=${() => show(range.from)}>Earlier</button>
    <button class="secondary" disabled=${range.to >= last} onClick=${() => show(2 * range.to - range.from + 2)}>Later</button>
    <button class="secondary" disabled=${range.to >= last} onClick=${() => show(null)}>Newest</button>
  </nav>`;
}

function RunLinks({ row, runs, chosen, choose }) {
  const ids = runs.map(({ id }) => id);
  const whole = row.iteration === null ? 'the baseline' : `iteration ${row.iteration}`;
  const all = html`<label class="keep"><input type="checkbox" checked=${ids.every((id) => chosen.includes(id))} onChange=${(event) => choose(ids, event.target.checked)} /> all of ${whole}</label>`;
  return html`${runs.length > 1 && all}${runs.map(
    (run) =>
      html`<div class="keep"><input type="checkbox" aria-label=${`Compare ${run.key}`} checked=${chosen.includes(run.id)} onChange=${(event) => choose([run.id], event.target.checked)} /> <a href=${`#/run/${encodeURIComponent(run.id)}`}>${run.key}</a> ${run.state !== 'finished' && html`<span class=${run.state === 'diverged' || run.state === 'failed' ? 'bad' : 'quiet'}>${run.state}</span>`}</div>`,
  )}`;
}

/** The runs that were ticked; without any, the first run of the baseline and of the last iterations. */
function CompareLink({ runList, chosen }) {
  const firsts = [...new Map([...runList].reverse().map((run) => [run.iteration, run])).values()].reverse();
  const ids = chosen.length > 0 ? chosen : [firsts[0], ...firsts.slice(1).slice(-7)].map(({ id }) => id);
  const text = chosen.length > 0 ? `Compare the ${chosen.length} chosen runs` : 'Compare the last runs';
  const address = `#/compare/${ids.map(encodeURIComponent).join(',')}`;
  return html`<p class="below"><a href=${address}>${text}</a> · <a href=${`${address}?by=setting`}>setting by setting</a></p>`;
}

function Notes({ name, notes, writable }) {
  const [text, setText] = useState('');
  const [error, setError] = useState('');
  const save = async (event) => {
    event.preventDefault();
    const refused = await act(`/studies/${encodeURIComponent(name)}/notes`, { text });
    setError(refused ?? '');
    if (!refused) setText('');
  };
  if (notes.length === 0 && !writable) return null;
  return html`<h2>Notes</h2>
    ${notes.map((note) => html`<p><span class="quiet">${moment(note.timeMs)}${note.runKey ? `, ${note.runKey}` : ''}:</span> ${note.text}</p>`)}
    ${
      writable &&
      html`<form onSubmit=${save}><label for="note">Add a note</label><textarea id="note" rows="2" value=${text} onInput=${(event) => setText(event.target.value)}></textarea>
      <div class="row"><button disabled=${text.trim() === ''}>Save note</button><span class="bad" role="status">${error}</span></div></form>`
    }`;
}

/** The primary metric and those that share its unit and direction: others do not belong on its axis. */
function metricOption({ points: means, metrics, definitions, baseline }) {
  const primary = metrics[0];
  const text = metricWords(primary, definitions);
  const drawn = metrics.filter((metric) => {
    const { axis, fraction } = metricWords(metric, definitions);
    return axis === text.axis && fraction === text.fraction;
  });
  const reference = baseline?.metrics[primary];
  const [low, high] = reference
    ? [reference.mean - (reference.sd ?? 0), reference.mean + (reference.sd ?? 0)]
    : [Number.NaN, Number.NaN];
  const band = reference && { yAxis: low };
  // The axis is fitted to the curves alone; the band must be seen whole, with room above and below.
  const reach = ({ min, max }) => (reference ? [Math.min(min, low), Math.max(max, high)] : [min, max]);
  const room = (extent) => 0.08 * (reach(extent)[1] - reach(extent)[0]) || 0.01;
  // A share of 1 ends at round half points and at 100 %, anything else where its curve does; nothing that is never negative is.
  const lowest = (low, min) => {
    const rounded = text.fraction ? Math.floor(200 * low) / 200 : Number(low.toPrecision(3));
    return min >= 0 ? Math.max(0, rounded) : rounded;
  };
  const highest = (high) => (text.fraction ? Math.min(1, Math.ceil(200 * high) / 200) : Number(high.toPrecision(3)));
  const values = (kind, at) =>
    means.filter((one) => one.kind === kind).map((one) => [one.iteration, plottable(one.means[at])]);
  return {
    xAxis: {
      type: 'value',
      name: 'iteration',
      nameLocation: 'middle',
      nameGap: 26,
      minInterval: 1,
      min: ({ min }) => Math.min(min, 0),
      max: ({ max }) => Math.max(max, 1),
    },
    yAxis: {
      type: 'value',
      ...metricAxis(text),
      min: (extent) => lowest(reach(extent)[0] - room(extent), extent.min),
      max: (extent) => highest(reach(extent)[1] + room(extent)),
      axisLabel: { formatter: text.tick, color: themeColour('--quiet'), showMinLabel: false, showMaxLabel: false },
    },
    grid: { left: 12, right: reference ? 62 : 18, top: 40, bottom: 34, containLabel: true },
    series: [
      ...drawn.map((metric, index) => ({
        name: metricWords(metric, definitions).heading,
        type: 'line',
        clip: false,
        showSymbol: means.length <= 100,
        symbolSize: 8,
        data: values('iteration', metrics.indexOf(metric)),
        ...(index === 0 &&
          band && {
            markArea: {
              silent: true,
              itemStyle: { color: themeColour('--accent'), opacity: 0.15 },
              data: [[band, { yAxis: reference.mean + (reference.sd ?? 0) }]],
            },
            markLine: {
              // ECharts would round the value to two digits: 0.8638 to 0.86.
              precision: 9,
              silent: true,
              symbol: 'none',
              lineStyle: { color: themeColour('--accent'), type: 'dashed' },
              label: { formatter: 'baseline', color: themeColour('--quiet'), position: 'end', distance: 6 },
              data: [{ yAxis: reference.mean }],
            },
          }),
      })),
      {
        name: `${text.heading} of validating runs`,
        type: 'scatter',
        clip: false,
        symbol: 'diamond',
        symbolSize: 12,
        itemStyle: { color: themeColour('--warmup') },
        data: values('validation', 0),
      },
    ],
  };
}

function mean(value, text) {
  if (!value) return '–';
  return html`${text.value(value.mean)}<div class="quiet">${value.sd === null ? 'one run' : `± ${text.spread(value.sd, value.mean)}, ${value.n} runs`}</div>`;
}
