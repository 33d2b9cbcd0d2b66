import { activityText, Controls, Status } from '../parts/activity.js';
import { Chart, themeColour } from '../parts/chart.js';
import { act, useData } from '../parts/data.js';
import { Flowchart } from '../parts/flowchart.js';
import { brief, moment, percent, plottable, points } from '../parts/format.js';
import { actionWords, html, useEffect, useState } from '../parts/html.js';

export function StudyPage({ name }) {
  const [before, setBefore] = useState(null);
  const [chosen, setChosen] = useState([]);
  const { data, error } = useData(`/studies/${encodeURIComponent(name)}${before === null ? '' : `?before=${before}`}`);
  useEffect(() => {
    document.title = `${name} · GreScale autopilot`;
  }, [name]);
  if (error) return html`<h1>${name}</h1><p class="bad">${error}</p>`;
  if (!data) return html`<p class="quiet">Loading …</p>`;
  const { metrics, iterations, baseline, runList, running, best } = data;
  const primary = metrics[0];
  const runsOf = (row) => runList.filter((run) => run.iteration === row.iteration && run.kind === row.kind);
  const isBest = (row) => best !== null && row.iteration === best.iteration && row.kind === best.kind;
  const choose = (id, on) => setChosen(on ? [...chosen, id] : chosen.filter((one) => one !== id));
  return html`<h1>${data.study}</h1>
    <p class="quiet">Can it be trained on ${data.workers} workers with no loss against one?</p>
    ${data.simulated && html`<p class="banner"><strong>Simulated.</strong> These numbers come from the simulated trainer, not from training.</p>`}
    <div class="answer">
      <strong><${Status} outcome=${data.outcome} activity=${data.activity} /></strong>
      <div>${data.reason ?? data.lastReason ?? 'The baseline is being trained.'}</div>
      <div class="quiet">${activityText(data)}</div>
    </div>
    <dl class="facts">
      <div><dt>Workers</dt><dd>${data.workers}</dd></div>
      <div><dt>Epochs a run</dt><dd>${data.epochs}</dd></div>
      <div><dt>Baseline ${primary}</dt><dd>${spread(baseline?.metrics[primary])}</dd></div>
      <div><dt>Best ${primary}</dt><dd>${spread(best?.metrics[primary])}</dd></div>
      <div><dt>Cost</dt><dd>${brief(data.totals.workerHours)} worker-hours, ${data.totals.runs} runs</dd></div>
      <div><dt>Started</dt><dd>${moment(data.createdMs)}</dd></div>
    </dl>
    ${
      running.length > 0 &&
      html`<div>Running now: ${running.map(
        ({ id, key, epoch }) =>
          html`<div class="row"><a href=${`#/run/${encodeURIComponent(id)}`}>${key}</a> <progress max=${data.epochs} value=${epoch} aria-label=${`Epochs of ${key}`}></progress> <span class="quiet">epoch ${epoch} of ${data.epochs}</span></div>`,
      )}</div>`
    }
    ${data.writable && html`<${Controls} name=${data.study} state=${data.activity.state} />`}
    <h2>Where it stands</h2>
    <div class="scroll bare" tabindex="0" role="region" aria-label="Flowchart"><${Flowchart} study=${data} /></div>
    <h2>Accuracy by iteration</h2>
    <${Chart} option=${metricOption(data)} caption="Means of each iteration; diamonds are validations with new seeds, the band is the baseline's mean ± standard deviation"
      summary=${`${primary} by iteration: ${iterations
        .slice(-20)
        .map((row) => `${row.iteration}: ${percent(row.metrics[primary]?.mean)}`)
        .join(', ')}; baseline ${percent(baseline?.metrics[primary]?.mean)}`} />
    <h2>Iterations</h2>
    <${Pages} range=${data.range} last=${data.lastIteration} show=${setBefore} />
    <div class="scroll" tabindex="0" role="region" aria-label="Iterations"><table>
      <thead><tr><th class="number">#</th><th>Action</th><th>What changed</th>${metrics.map((metric) => html`<th class="number">${metric}</th>`)}<th>Verdict</th><th>Why</th><th class="number">Worker-hours</th><th>Runs</th></tr></thead>
      <tbody>${(baseline ? [baseline, ...iterations] : iterations).map(
        (row) => html`<tr class=${isBest(row) ? 'best' : ''}>
        <td class="number">${row.iteration ?? ''}</td>
        <td>${row.iteration === null ? 'Baseline, one worker' : (actionWords[row.action] ?? row.action)}</td>
        <td>${row.iteration !== null && row.changes.map((change) => html`<div class="keep">${change.field} ${brief(change.from)} → ${brief(change.to)}</div>`)}</td>
        ${metrics.map((metric) => html`<td class="number">${spread(row.metrics[metric])}${row.iteration !== null && html`<div class=${row.metrics[metric]?.difference < 0 ? 'bad' : 'good'}>${points(row.metrics[metric]?.difference)}</div>`}</td>`)}
        <td>${row.verdict ?? (row.state === 'notTrained' ? 'not trained' : '')}</td>
        <td class="reason">${row.reason ?? ''}</td>
        <td class="number">${brief(row.workerHours)}</td>
        <td><${RunLinks} runs=${runsOf(row)} chosen=${chosen} choose=${choose} /></td>
      </tr>`,
      )}</tbody>
    </table></div>
    ${runList.length > 1 && html`<${CompareLink} runList=${runList} chosen=${chosen} />`}
    <${Notes} name=${data.study} notes=${data.notes} writable=${data.writable} />`;
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

function RunLinks({ runs, chosen, choose }) {
  return runs.map(
    (run) =>
      html`<div class="keep"><input type="checkbox" aria-label=${`Compare ${run.key}`} checked=${chosen.includes(run.id)} onChange=${(event) => choose(run.id, event.target.checked)} /> <a href=${`#/run/${encodeURIComponent(run.id)}`}>${run.key}</a> <span class=${run.state === 'diverged' || run.state === 'failed' ? 'bad' : 'quiet'}>${run.state}</span></div>`,
  );
}

/** The runs that were ticked; without any, the first run of the baseline and of the last iterations. */
function CompareLink({ runList, chosen }) {
  const firsts = [...new Map([...runList].reverse().map((run) => [run.iteration, run])).values()].reverse();
  const ids = chosen.length > 0 ? chosen : [firsts[0], ...firsts.slice(1).slice(-7)].map(({ id }) => id);
  const text = chosen.length > 0 ? `Compare the ${chosen.length} chosen runs` : 'Compare the last runs';
  return html`<p><a href=${`#/compare/${ids.map(encodeURIComponent).join(',')}`}>${text}</a></p>`;
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

function metricOption({ points: means, metrics, baseline }) {
  const primary = metrics[0];
  const reference = baseline?.metrics[primary];
  const band = reference && { yAxis: reference.mean - (reference.sd ?? 0) };
  const values = (kind, at) =>
    means.filter((one) => one.kind === kind).map((one) => [one.iteration, plottable(one.means[at])]);
  return {
    xAxis: { type: 'value', name: 'iteration', nameLocation: 'middle', nameGap: 26, minInterval: 1, scale: true },
    yAxis: {
      type: 'value',
      scale: true,
      axisLabel: { formatter: (value) => percent(value), color: themeColour('--quiet') },
    },
    grid: { left: 12, right: 18, top: 40, bottom: 34, containLabel: true },
    series: [
      ...metrics.map((metric, index) => ({
        name: metric,
        type: 'line',
        showSymbol: means.length <= 100,
        symbolSize: 8,
        data: values('iteration', index),
        ...(index === 0 &&
          band && {
            markArea: {
              silent: true,
              itemStyle: { color: themeColour('--accent'), opacity: 0.15 },
              data: [[band, { yAxis: reference.mean + (reference.sd ?? 0) }]],
            },
            markLine: {
              silent: true,
              symbol: 'none',
              lineStyle: { color: themeColour('--accent'), type: 'dashed' },
              label: { formatter: 'baseline', color: themeColour('--quiet'), position: 'insideEndTop' },
              data: [{ yAxis: reference.mean }],
            },
          }),
      })),
      {
        name: 'validation',
        type: 'scatter',
        symbol: 'diamond',
        symbolSize: 12,
        itemStyle: { color: themeColour('--warmup') },
        data: values('validation', 0),
      },
    ],
  };
}

function spread(value) {
  if (!value) return '–';
  return value.sd === null
    ? percent(value.mean)
    : html`${percent(value.mean)} <span class="quiet">± ${(100 * value.sd).toFixed(2)} (n ${value.n})</span>`;
}
