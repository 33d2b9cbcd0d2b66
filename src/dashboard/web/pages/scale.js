import { outcomeLabel } from '/words.js';
import { Chart } from '../parts/chart.js';
import { useData } from '../parts/data.js';
import { brief, commitText, duration, moment } from '../parts/format.js';
import { html, useEffect } from '../parts/html.js';
import { metricWords } from '../parts/metric.js';
import { Scroll } from '../parts/scroll.js';
import { Takeaway } from '../parts/takeaway.js';
import { lineOption } from './run.js';

/** How many workers without loss, and what each number brings: accuracy and time against workers. */
export function ScalePage({ name }) {
  const { data, error } = useData(`/scalings/${encodeURIComponent(name)}`);
  useEffect(() => {
    document.title = `${name} · GreScale autopilot`;
  }, [name]);
  if (error) return html`<h1>${name}</h1><p class="bad">${error}</p><p><a href="#/">All studies</a></p>`;
  if (!data) return html`<p class="quiet">Loading …</p>`;
  const { metric, baseline, counts, notTried, wishes, errorRate } = data;
  const text = metricWords(metric, data.definitions);
  const one = baseline && { workers: 1, outcome: 'baseline', speedUp: 1, efficiency: 1, ...baseline };
  const rows = [...(one ? [one] : []), ...counts];
  const points = (of) => rows.flatMap((row) => (of(row) === undefined ? [] : [[row.workers, of(row)]]));
  const ends = (end) => points((row) => row.metric?.interval?.[end]);
  const percent = (share) => (share === null ? '–' : `${brief(100 * share)} %`);
  return html`<h1>${name}</h1>
    ${data.simulated && html`<p class="banner"><strong>Simulated.</strong> These numbers come from the simulated trainer.</p>`}
    <p class="quiet">How many workers train this without loss, and what does each number bring?</p>
    <dl class="facts">
      <div><dt>Started</dt><dd>${moment(Date.parse(data.made.created))}</dd></div>
      <div><dt>Cost</dt><dd>${brief(data.totals.hours)} hours of training<div class="quiet">${data.totals.runs} ${data.totals.runs === 1 ? 'run' : 'runs'}</div></dd></div>
      <div><dt>Host</dt><dd>${data.made.host ?? '–'}</dd></div>
      <div><dt>User</dt><dd>${data.made.user ?? '–'}</dd></div>
      <div><dt>Version</dt><dd>${data.made.version ?? '–'}</dd></div>
      <div><dt>Commit</dt><dd>${commitText(data.made.commit)}</dd></div>
    </dl>
    ${wishes.map(({ sentence }) => html`<p>${sentence}</p>`)}
    <div class="charts">
      <${Chart} option=${lineOption(
        [
          { name: 'mean', values: points((row) => row.metric?.mean) },
          { name: '95 % low', values: ends('low') },
          { name: '95 % high', values: ends('high') },
        ],
        { axisName: 'workers', text },
      )} caption=${`${text.heading} of the runs that validated each setting, with the 95 % interval of their mean`} summary=${`${metric} of ${rows.length} worker counts`} />
      <${Chart} option=${lineOption([{ name: 'minutes', values: points((row) => (row.time ? row.time.seconds / 60 : undefined)) }], { axisName: 'workers', zero: true })} caption="Minutes of a training; some may be predicted, as the table says" summary=${`Time of ${rows.length} worker counts`} />
    </div>
    <${Scroll} label="Worker counts"><table class="stacked" role="table">
      <thead role="rowgroup"><tr role="row">${columns.map((title) => html`<th role="columnheader">${title === 'metric' ? text.heading : title}</th>`)}</tr></thead>
      <tbody role="rowgroup">${rows.map((row) => {
        const cells = [
          row.workers,
          row.study
            ? html`<a href=${`#/study/${encodeURIComponent(row.study)}`}>${outcomeLabel[row.outcome] ?? 'Not ended'}${row.unverified.length > 0 ? ', unverified' : ''}</a>`
            : row.outcome,
          row.metric ? text.value(row.metric.mean) : '–',
          row.epochs ?? row.setting?.epochs ?? '–',
          row.time ? `${duration(row.time.seconds * 1000)} (${row.time.how})` : '–',
          brief(row.speedUp),
          percent(row.efficiency),
        ];
        return html`<tr role="row">${cells.map((cell, index) => html`<td role="cell" data-label=${columns[index]}><div>${cell}</div></td>`)}</tr>`;
      })}</tbody>
    </table><//>
    ${notTried.length > 0 && html`<p>Not tried: ${notTried.join(', ')} workers.</p>`}
    ${errorRate.each !== null && html`<p class="quiet">A setting that loses the margin or more is confirmed with at most ${percent(errorRate.each)} for each count, ${percent(errorRate.any)} that any of them does.</p>`}
    <${Takeaway} name=${name} archived=${false} />`;
}

const columns = ['Workers', 'Verdict', 'metric', 'Epochs', 'A training', 'Speed-up', 'Efficiency'];
