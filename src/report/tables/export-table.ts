import { actionText } from '../../../machines/guideline/index.ts';
import { differenceLegend, type MetricText, metricTexts } from '../../domain/metric/text.ts';
import { count } from '../../domain/text/format.ts';
import { bestIterationsText } from '../best-text.ts';
import type { HistoryRow } from '../history/history.ts';
import { hasParts, type MeasuredHistory, type MeasuredRow, partLines, partMetrics } from '../parts.ts';
import { measuredText } from '../parts-text.ts';
import { changesText } from '../setting-text.ts';
import { simulatedNotice, verdictText } from '../words.ts';

export interface ExportTable {
  headings: string[];
  rows: string[][];
}

/** The cells of the thesis's tables: action, what changed, metrics with their difference from the baseline, verdict. */
function exportTable(history: MeasuredHistory): ExportTable {
  const { baseline, iterations, best } = history;
  const texts = history.metrics.map(metricTexts(history));
  const cells = (row: HistoryRow) => [
    row.iteration === null ? '' : String(row.iteration),
    row.action === null ? 'baseline' : actionText[row.action],
    changesText(row.changes),
    ...texts.map((text) => metricCell(row, text)),
    row.verdict === null || row.verdict === 'baseline' ? '' : verdictText[row.verdict],
    String(row.workers),
  ];
  const ofBest = best && ['', bestName(best), ...cells(best).slice(2)];
  return {
    headings: ['#', 'action', 'change', ...texts.map(({ heading }) => heading), 'verdict', 'workers'],
    rows: [...[...(baseline ? [baseline] : []), ...iterations].map(cells), ...(ofBest ? [ofBest] : [])],
  };
}

/** `best setting: iterations 3 and 4, confirmed; 2 runs`. */
export function bestName(best: NonNullable<MeasuredHistory['best']>): string {
  return `best setting: ${bestIterationsText(best)}; ${count(best.runs, 'run')}`;
}

function metricCell({ metrics }: HistoryRow, text: MetricText): string {
  const summary = metrics[text.name];
  if (summary === undefined) return '';
  const difference = summary.difference === null ? '' : ` (${text.difference(summary.difference)})`;
  return `${text.spread(summary)}${difference}`;
}

/** The same rows by part of the data, validation before test, and by class; null for a single part without classes. */
export function partsTable(history: MeasuredHistory): ExportTable | null {
  const { baseline, iterations, best, metrics } = history;
  const rows: MeasuredRow[] = [...(baseline ? [baseline] : []), ...iterations, ...(best ? [best] : [])];
  const lines = partLines(rows);
  if (!hasParts(lines)) return null;
  const columns = partMetrics(lines, metrics[0] ?? 'dice').map(metricTexts(history));
  const nameOf = (row: MeasuredRow) =>
    row === best ? 'best setting' : row.action === null ? 'baseline' : actionText[row.action];
  return {
    headings: ['#', 'action', 'part', 'class', ...columns.map(({ heading }) => heading)],
    rows: lines.map(({ row, split, name, metrics: own }) => [
      row === best || row.iteration === null ? '' : String(row.iteration),
      nameOf(row),
      split,
      name ?? 'all',
      ...columns.map((text) => measuredText(own, text)),
    ]),
  };
}

/** The table as Markdown (pipes), then the table of parts of the data and classes, if there is one. */
export function historyMarkdown(history: MeasuredHistory): string {
  const notice = history.simulated ? [`**${simulatedNotice}**`, ''] : [];
  const parts = partsTable(history);
  const further = parts === null ? [] : ['', 'Parts of the data and classes:', '', ...markdownTable(parts)];
  const legend = ['', `Mean ± standard deviation over runs; ${differenceLegend(history)}.`];
  return `${[...notice, ...markdownTable(exportTable(history)), ...legend, ...further].join('\n')}\n`;
}

/** The lines of a table in Markdown. */
export function markdownTable({ headings, rows }: ExportTable): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`;
  return [line(headings), `|${headings.map(() => '---').join('|')}|`, ...rows.map(line)];
}

function markdownText(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\|<>*_`[\]#]/g, (character) => `\\${character}`);
}
