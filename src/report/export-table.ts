import { actionText } from '../../machines/guideline/index.ts';
import { formatMetric, formatPoints } from './format.ts';
import type { HistoryRow, StudyHistory } from './history.ts';
import { changesText } from './setting-text.ts';
import { simulatedNotice, verdictText } from './words.ts';

interface ExportTable {
  headings: string[];
  rows: string[][];
}

/** The cells of the thesis's tables: action, what changed, metrics with their difference to the baseline, verdict. */
function exportTable({ baseline, iterations, metrics }: StudyHistory): ExportTable {
  const rows = [...(baseline ? [baseline] : []), ...iterations];
  return {
    headings: ['#', 'action', 'change', ...metrics, 'verdict', 'workers'],
    rows: rows.map((row) => [
      row.iteration === null ? '' : String(row.iteration),
      row.action === null ? 'baseline' : actionText[row.action],
      changesText(row.changes),
      ...metrics.map((name) => metricCell(row, name)),
      row.verdict === null || row.verdict === 'baseline' ? '' : verdictText[row.verdict],
      String(row.workers),
    ]),
  };
}

function metricCell({ metrics }: HistoryRow, name: string): string {
  const summary = metrics[name];
  if (summary === undefined) return '';
  const spread = summary.sd === null ? '' : ` ± ${formatMetric(name, summary.sd)}`;
  const difference = summary.difference === null ? '' : ` (${formatPoints(summary.difference)})`;
  return `${formatMetric(name, summary.mean)}${spread}${difference}`;
}

/** The table as Markdown (pipes). */
export function historyMarkdown(history: StudyHistory): string {
  const { headings, rows } = exportTable(history);
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`;
  const notice = history.simulated ? [`**${simulatedNotice}**`, ''] : [];
  const rule = `|${headings.map(() => '---').join('|')}|`;
  return `${[...notice, line(headings), rule, ...rows.map(line)].join('\n')}\n`;
}

function markdownText(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\|<>*_`[\]#]/g, (character) => `\\${character}`);
}
