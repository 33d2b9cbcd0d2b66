import { Chart, themeColour } from '../parts/chart.js';
import { act, useData } from '../parts/data.js';
import { Flowchart } from '../parts/flowchart.js';
import { brief, moment, percent, points } from '../parts/format.js';
import { actionWords, html, Outcome, useEffect, useState } from '../parts/html.js';

export function StudyPage({ name }) {
  const { data, error } = useData(`/api/studies/${encodeURIComponent(name)}`);
  useEffect(() => {
    document.title = `${name} · GreScale autopilot`;
  }, [name]);
  if (error) return html`<h1>${name}</h1><p class="bad">${error}</p>`;
  if (!data) return html`<p class="quiet">Loading …</p>`;
  const { metrics, iterations, baseline, runList } = data;
  const primary = metrics[0];
  const runsOf = (row) => runList.filter((run) => run.iteration === row.iteration && run.kind === row.kind);
  const running = runList.filter((run) => run.state === 'running');
  const top = best(iterations, primary);
  return html`<h1>${data.study}</h1>
    <p class="quiet">Can it be trained on ${data.workers} workers with no loss against one?</p>
    ${data.simulated && html`<p class="banner"><strong>Simulated.</strong> These numbers come from the simulated trainer, not from training.</p>`}
    <div class="answer">
      <strong><${Outcome} outcome=${data.outcome} /></strong>
      <div>${data.reason ?? data.lastReason ?? 'The baseline is being trained.'}</div>
    </div>
    <dl class="facts">
      <div><dt>Workers</dt><dd>${data.workers}</dd></div>
      <div><dt>Epochs a run</dt><dd>${data.epochs}</dd></div>
      <div><dt>Baseline ${primary}</dt><dd>${spread(baseline?.metrics[primary])}</dd></div>
      <div><dt>Best ${primary}</dt><dd>${spread(top?.metrics[primary])}</dd></div>
      <div><dt>Cost</dt><dd>${brief(data.totals.workerHours)} worker-hours</dd></div>
      <div><dt>Started</dt><dd>${moment(data.createdMs)}</dd></div>
    </dl>
    ${running.length > 0 && html`<p>Running now: <${RunLinks} runs=${running} /></p>`}
    ${data.writable && html`<${Controls} name=${data.study} ended=${data.outcome !== null} />`}
    <h2>Where it stands</h2>
    <div class="scroll bare" tabindex="0" role="region" aria-label="Flowchart">
      <${Flowchart} iterations=${iterations} guidelineActions=${guidelineActions(data.config)} outcome=${data.outcome} running=${running} hasBaseline=${baseline !== null} />
    </div>
    <h2>Accuracy by iteration</h2>
    <${Chart} option=${metricOption(data)} caption=${`${primary} of each iteration; the band is the baseline's mean ± standard deviation`}
      summary=${`${primary} by iteration: ${iterations.map((row) => `${row.iteration}: ${percent(row.metrics[primary]?.mean)}`).join(', ')}; baseline ${percent(baseline?.metrics[primary]?.mean)}`} />
    <h2>Iterations</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Iterations"><table>
      <thead><tr><th class="number">#</th><th>Action</th><th>What changed</th>${metrics.map((metric) => html`<th class="number">${metric}</th>`)}<th>Verdict</th><th>Why</th><th class="number">Worker-hours</th><th>Runs</th></tr></thead>
      <tbody>${(baseline ? [baseline, ...iterations] : iterations).map(
        (row) => html`<tr class=${row === top ? 'best' : ''}>
        <td class="number">${row.iteration ?? ''}</td>
        <td>${row.iteration === null ? 'Baseline, one worker' : (actionWords[row.action] ?? row.action)}</td>
        <td>${row.iteration !== null && row.changes.map((change) => html`<div class="keep">${change.field} ${brief(change.from)} → ${brief(change.to)}</div>`)}</td>
        ${metrics.map((metric) => html`<td class="number">${spread(row.metrics[metric])}${row.iteration !== null && html`<div class=${row.metrics[metric]?.difference < 0 ? 'bad' : 'good'}>${points(row.metrics[metric]?.difference)}</div>`}</td>`)}
        <td>${row.verdict ?? ''}</td>
        <td>${row.reason ?? ''}</td>
        <td class="number">${brief(row.workerHours)}</td>
        <td><${RunLinks} runs=${runsOf(row)} /></td>
      </tr>`,
      )}</tbody>
    </table></div>
    ${compareLink(data)}
    <${Notes} name=${data.study} notes=${data.notes} writable=${data.writable} />`;
}

function RunLinks({ runs }) {
  return runs.map(
    (run) =>
      html`<div><a href=${`#/run/${encodeURIComponent(run.id)}`}>${run.key}</a> <span class=${run.state === 'diverged' || run.state === 'failed' ? 'bad' : 'quiet'}>${run.state}</span></div>`,
  );
}

function Controls({ name, ended }) {
  const [said, setSaid] = useState('');
  const ask = async (what) =>
    setSaid((await act(`/studies/${encodeURIComponent(name)}/${what}`)) ?? `Asked to ${what}.`);
  return html`<div class="row">
    <button class="secondary" disabled=${ended} onClick=${() => ask('pause')}>Pause</button>
    <button class="secondary" disabled=${ended} onClick=${() => ask('resume')}>Resume</button>
    <button class="secondary" disabled=${ended} onClick=${() => confirm('Cancel this study? What was trained is kept.') && ask('cancel')}>Cancel study</button>
    <span role="status">${said}</span>
  </div>`;
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

function compareLink({ runList, iterations }) {
  const firsts = [null, ...iterations.map((row) => row.iteration)].flatMap(
    (number) => runList.find((run) => run.iteration === number) ?? [],
  );
  return (
    firsts.length > 1 &&
    html`<p><a href=${`#/compare/${firsts
      .slice(0, 12)
      .map((run) => encodeURIComponent(run.id))
      .join(',')}`}>Compare the runs' curves</a></p>`
  );
}

function metricOption({ iterations, metrics, baseline }) {
  const primary = metrics[0];
  const reference = baseline?.metrics[primary];
  const band = reference && { yAxis: reference.mean - (reference.sd ?? 0) };
  return {
    xAxis: {
      type: 'category',
      name: 'iteration',
      nameLocation: 'middle',
      nameGap: 26,
      data: iterations.map((row) => row.iteration),
    },
    yAxis: {
      type: 'value',
      scale: true,
      axisLabel: { formatter: (value) => percent(value), color: themeColour('--quiet') },
    },
    grid: { left: 12, right: 18, top: 40, bottom: 34, containLabel: true },
    series: metrics.map((metric, index) => ({
      name: metric,
      type: 'line',
      symbolSize: 8,
      data: iterations.map((one) => one.metrics[metric]?.mean ?? null),
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
  };
}

const guidelineActions = (config) =>
  Array.isArray(config?.guideline?.actions) ? config.guideline.actions.map((one) => one.action) : undefined;

function best(iterations, metric) {
  const measured = iterations.filter((one) => Number.isFinite(one.metrics[metric]?.mean));
  return measured.reduce(
    (top, one) => (top && top.metrics[metric].mean >= one.metrics[metric].mean ? top : one),
    undefined,
  );
}

function spread(value) {
  if (!value) return '–';
  return value.sd === null
    ? percent(value.mean)
    : html`${percent(value.mean)} <span class="quiet">± ${(100 * value.sd).toFixed(2)} (n ${value.n})</span>`;
}
