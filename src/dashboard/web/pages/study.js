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
  const { study, metrics, iterations, baseline, baselineRuns, last, running } = data;
  const primary = metrics[0];
  return html`<h1>${study.name}</h1>
    <p class="quiet">Can it be trained on ${study.workers} workers with no loss against one?</p>
    ${study.simulated && html`<p class="banner"><strong>Simulated.</strong> These numbers come from the simulated trainer, not from training.</p>`}
    <div class="answer">
      <strong><${Outcome} outcome=${study.outcome} /></strong>
      <div>${study.reason ?? last?.reason ?? 'The baseline is being trained.'}</div>
    </div>
    <dl class="facts">
      <div><dt>Workers</dt><dd>${study.workers}</dd></div>
      <div><dt>Epochs a run</dt><dd>${study.epochs}</dd></div>
      <div><dt>Baseline ${primary}</dt><dd>${spread(baseline[primary])}</dd></div>
      <div><dt>Best ${primary}</dt><dd>${spread(best(iterations, primary)?.metrics[primary])}</dd></div>
      <div><dt>Cost</dt><dd>${brief(data.workerHours)} worker-hours</dd></div>
      <div><dt>Started</dt><dd>${moment(study.createdMs)}</dd></div>
    </dl>
    ${data.writable && html`<${Controls} study=${study} />`}
    <h2>Where it stands</h2>
    <div class="scroll bare" tabindex="0" role="region" aria-label="Flowchart"><${Flowchart} iterations=${iterations} guidelineActions=${guidelineActions(study.config)} outcome=${study.outcome} running=${running} hasBaseline=${baselineRuns.length > 0} /></div>
    <h2>Accuracy by iteration</h2>
    <${Chart} option=${metricOption(data)} caption=${`${primary} of each iteration; the band is the baseline's mean ± standard deviation`}
      summary=${`${primary} by iteration: ${iterations.map((one) => `${one.number}: ${percent(one.metrics[primary]?.mean)}`).join(', ')}; baseline ${percent(baseline[primary]?.mean)}`} />
    <h2>Iterations</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Iterations"><table>
      <thead><tr><th class="number">#</th><th>Action</th><th>What changed</th>${metrics.map((metric) => html`<th class="number">${metric}</th>`)}<th>Verdict</th><th>Why</th><th class="number">Worker-hours</th><th>Runs</th></tr></thead>
      <tbody>
        <tr><td></td><td>Baseline, one worker</td><td></td>${metrics.map((metric) => html`<td class="number">${spread(baseline[metric])}</td>`)}<td></td><td></td><td class="number">${brief(sum(baselineRuns, (run) => run.workerHours))}</td><td><${RunLinks} runs=${baselineRuns} /></td></tr>
        ${iterations.map(
          (one) => html`<tr class=${one === best(iterations, primary) ? 'best' : ''}>
          <td class="number">${one.number}</td>
          <td>${actionWords[one.action] ?? one.action}</td>
          <td>${one.changed.map((change) => html`<div>${change.field} ${brief(change.from)} → ${brief(change.to)}</div>`)}</td>
          ${metrics.map((metric) => html`<td class="number">${spread(one.metrics[metric])}<div class=${one.difference[metric] < 0 ? 'bad' : 'good'}>${points(one.difference[metric])}</div></td>`)}
          <td>${one.verdict ?? ''}</td>
          <td>${one.reason ?? ''}</td>
          <td class="number">${brief(one.workerHours)}</td>
          <td><${RunLinks} runs=${one.runs} /></td>
        </tr>`,
        )}
      </tbody>
    </table></div>
    ${compareLink(data)}
    <${Notes} name=${name} notes=${data.notes} writable=${data.writable} />`;
}

function RunLinks({ runs }) {
  return runs.map(
    (run) =>
      html`<div><a href=${`#/run/${encodeURIComponent(run.id)}`}>${run.key}</a> <span class=${run.state === 'diverged' || run.state === 'failed' ? 'bad' : 'quiet'}>${run.state}</span></div>`,
  );
}

function Controls({ study }) {
  const [said, setSaid] = useState('');
  const ask = async (what) =>
    setSaid((await act(`/studies/${encodeURIComponent(study.name)}/${what}`)) ?? `Asked to ${what}.`);
  return html`<div class="row">
    <button class="secondary" disabled=${Boolean(study.outcome)} onClick=${() => ask('pause')}>Pause</button>
    <button class="secondary" disabled=${Boolean(study.outcome)} onClick=${() => ask('resume')}>Resume</button>
    <button class="secondary" disabled=${Boolean(study.outcome)} onClick=${() => confirm('Cancel this study? What was trained is kept.') && ask('cancel')}>Cancel study</button>
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

function compareLink({ baselineRuns, iterations }) {
  const runs = [...baselineRuns.slice(0, 1), ...iterations.flatMap((one) => one.runs.slice(0, 1))].slice(0, 12);
  return (
    runs.length > 1 &&
    html`<p><a href=${`#/compare/${runs.map((run) => encodeURIComponent(run.id)).join(',')}`}>Compare the runs' curves</a></p>`
  );
}

function metricOption({ iterations, metrics, baseline }) {
  const primary = metrics[0];
  const reference = baseline[primary];
  const band = reference && { yAxis: reference.mean - (reference.sd ?? 0) };
  return {
    xAxis: {
      type: 'category',
      name: 'iteration',
      nameLocation: 'middle',
      nameGap: 26,
      data: iterations.map((one) => one.number),
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

const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);
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
    : html`${percent(value.mean)} <span class="quiet">± ${(100 * value.sd).toFixed(2)} (n ${value.runs})</span>`;
}
