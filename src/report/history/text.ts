import type { Colors } from 'picocolors/types.js';
import { differenceLegend, type MetricText, metricTexts } from '../../domain/metric/text.ts';
import { count, formatSeconds } from '../../domain/text/format.ts';
import type { MeasuredHistory } from '../parts.ts';
import { testPartText } from '../parts-text.ts';
import { actionChangesText } from '../setting-text.ts';
import { type TextOptions, textTable } from '../tables/text-table.ts';
import { wrap } from '../tables/text-width.ts';
import { simulatedNotice, verdictText } from '../words.ts';
import type { HistoryRow } from './history.ts';
import { historySummary } from './summary.ts';
import { warningSentences } from './warning-sentences.ts';

/** The thesis's table, the outcome, and a paragraph that sums it up. */
export function historyText(history: MeasuredHistory, { width, colors }: TextOptions): string {
  const { study, workers, epochs, simulated, metrics, baseline, iterations } = history;
  const texts = metrics.map(metricTexts(history));
  const notice = simulated ? [colors.yellow(colors.bold(simulatedNotice)), ''] : [];
  const heading = `${colors.bold(study)}: ${count(workers, 'worker')}, ${count(epochs, 'epoch')} a run`;
  const rows = [...(baseline ? [baseline] : []), ...iterations];
  const first = iterations[0]?.iteration ?? 0;
  const hidden =
    first > 0
      ? [colors.dim(`Iterations 0 to ${first - 1} are left out; --all prints them, --last N the last N.`), '']
      : [];
  const table = textTable({
    columns: [
      { heading: '#', align: 'right' },
      { heading: 'action and what changed', flexible: true },
      ...texts.map(({ heading }) => ({ heading, align: 'right' as const })),
      { heading: 'verdict' },
      { heading: 'time', align: 'right' },
      { heading: 'k', align: 'right' },
    ],
    rows: rows.map((row) => cells(row, texts, colors)),
    width,
    dim: colors.dim,
  });
  const legend = `Metrics: mean \u00b1 standard deviation over runs; ${differenceLegend(history)}. k: workers.`;
  const testPart = testPartText(history);
  const paragraph = wrap(historySummary(history), Math.min(width, 100)).join('\n');
  return [
    ...notice,
    heading,
    '',
    ...hidden,
    table,
    '',
    ...wrap(legend, Math.min(width, 100)).map(colors.dim),
    ...(testPart === null ? [] : ['', ...wrap(testPart, Math.min(width, 100))]),
    '',
    paragraph,
    ...warningSentences(history.warnings).flatMap((sentence) => [
      '',
      ...wrap(sentence, Math.min(width, 100)).map(colors.yellow),
    ]),
    ...(simulated ? ['', notice[0]!] : []),
  ].join('\n');
}

function cells(row: HistoryRow, texts: readonly MetricText[], colors: Colors): string[] {
  const number = row.iteration === null ? '' : String(row.iteration);
  return [
    number,
    actionCell(row, colors),
    ...texts.map((text) => metricCell(row, text, colors)),
    verdictCell(row, colors),
    row.seconds > 0 ? formatSeconds(row.seconds) : '',
    String(row.workers),
  ];
}

function actionCell(row: HistoryRow, colors: Colors): string {
  if (row.action === null) return row.runs > 1 ? `baseline, ${count(row.runs, 'run')}` : 'baseline';
  return actionChangesText(row.action, row.changes, { runs: row.runs, paint: colors.cyan });
}

function metricCell(row: HistoryRow, text: MetricText, colors: Colors): string {
  const summary = row.metrics[text.name];
  if (summary === undefined) return '';
  const value = text.spread(summary);
  if (summary.difference === null) return value;
  const paint = text.sign * summary.difference >= 0 ? colors.green : colors.red;
  return `${value} ${paint(`(${text.difference(summary.difference)})`)}`;
}

function verdictCell(row: HistoryRow, colors: Colors): string {
  if (row.verdict === null || row.state === 'running')
    return row.state === 'notTrained' ? 'not trained' : colors.yellow(row.state);
  const text = verdictText[row.verdict];
  if (row.verdict === 'confirmed') return colors.green(colors.bold(text));
  if (row.verdict === 'diverged' || row.verdict === 'degraded') return colors.red(text);
  return row.verdict === 'baseline' ? '' : text;
}
