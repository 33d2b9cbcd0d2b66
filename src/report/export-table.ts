import { actionText } from '../../machines/guideline/index.ts';
import { bestIterationsText } from './best-text.ts';
import { count, formatMetric, formatPoints } from './format.ts';
import type { HistoryRow } from './history.ts';
import { hasParts, type MeasuredHistory, type MeasuredRow, partLines, partMetrics } from './parts.ts';
import { measuredText } from './parts-text.ts';
import { changesText } from './setting-text.ts';
import { simulatedNotice, verdictText } from './words.ts';

export interface ExportTable {
  headings: string[];
  rows: string[][];
}

/** The cells of the thesis's tables: action, what changed, metrics with their difference to the baseline, verdict. */
function exportTable({ baseline, iterations, best, metrics }: MeasuredHistory): ExportTable {
  const cells = (row: HistoryRow) => [
    row.iteration === null ? '' : String(row.iteration),
    row.action === null ? 'baseline' : actionText[row.action],
    changesText(row.changes),
    ...metrics.map((name) => metricCell(row, name)),
    row.verdict === null || row.verdict === 'baseline' ? '' : verdictText[row.verdict],
    String(row.workers),
  ];
  const ofBest = best && ['', bestName(best), ...cells(best).slice(2)];
  return {
    headings: ['#', 'action', 'change', ...metrics, 'verdict', 'workers'],
    rows: [...[...(baseline ? [baseline] : []), ...iterations].map(cells), ...(ofBest ? [ofBest] : [])],
  };
}

/** `best setting: iterations 3 and 4, confirmed; 2 runs`. */
export function bestName(best: NonNullable<MeasuredHistory['best']>): string {
  return `best setting: ${bestIterationsText(best)}; ${count(best.runs, 'run')}`;
}

function metricCell({ metrics }: HistoryRow, name: string): string {
  const summary = metrics[name];
  if (summary === undefined) return '';
  const spread = summary.sd === null ? '' : ` ± ${formatMetric(name, summary.sd)}`;
  const difference = summary.difference === null ? '' : ` (${formatPoints(summary.difference)})`;
  return `${formatMetric(name, summary.mean)}${spread}${difference}`;
}

/** The same rows on each part of the data, validation before test, and class by class; null where there is no more than one part. */
export function partsTable({ baseline, iterations, best, metrics }: MeasuredHistory): ExportTable | null {
  const rows: MeasuredRow[] = [...(baseline ? [baseline] : []), ...iterations, ...(best ? [best] : [])];
  const lines = partLines(rows);
  if (!hasParts(lines)) return null;
  const columns = partMetrics(lines, metrics[0] ?? 'dice');
  const nameOf = (row: MeasuredRow) =>
    row === best ? 'best setting' : row.action === null ? 'baseline' : actionText[row.action];
  return {
    headings: ['#', 'action', 'part', 'class', ...columns],
    rows: lines.map(({ row, split, name, metrics: own }) => [
      row === best || row.iteration === null ? '' : String(row.iteration),
      nameOf(row),
      split,
      name ?? 'all',
      ...columns.map((metric) => measuredText(own, metric)),
    ]),
  };
}

/** The table as Markdown (pipes), then that of the parts of the data and the classes where there are any. */
export function historyMarkdown(history: MeasuredHistory): string {
  const notice = history.simulated ? [`**${simulatedNotice}**`, ''] : [];
  const parts = partsTable(history);
  const further = parts === null ? [] : ['', 'Parts of the data and classes:', '', ...markdownTable(parts)];
  return `${[...notice, ...markdownTable(exportTable(history)), ...further].join('\n')}\n`;
}

function markdownTable({ headings, rows }: ExportTable): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`;
  return [line(headings), `|${headings.map(() => '---').join('|')}|`, ...rows.map(line)];
}

function markdownText(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\|<>*_`[\]#]/g, (character) => `\\${character}`);
}
