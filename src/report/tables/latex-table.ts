import { differenceLegend, type MetricText, metricTexts } from '../../domain/metric/text.ts';
import { count } from '../../domain/text/format.ts';
import type { HistoryRow } from '../history/history.ts';
import type { MeasuredHistory } from '../parts.ts';
import { actionChangesText } from '../setting-text.ts';
import { simulatedNotice, verdictText } from '../words.ts';
import { bestName, type ExportTable, partsTable } from './export-table.ts';
import { latexText } from './latex.ts';

/**
 * The table as LaTeX for `\usepackage{booktabs}`, with caption and label; three metrics fit an A4 page. A second table
 * has the parts of the data and the classes, where there are any.
 */
export function historyLatex(history: MeasuredHistory): string {
  const { baseline, iterations, best, metrics, ...study } = history;
  const texts = metrics.map(metricTexts(history));
  const parts = partsTable(history);
  const label = `tab:${study.study.replace(/[^A-Za-z0-9-]/g, '-')}`;
  const simulation = study.simulated ? ` ${simulatedNotice}` : '';
  const caption = `${study.study}: ${count(study.workers, 'worker')}, ${count(study.epochs, 'epoch')} a run; the baseline has one worker. Mean ± standard deviation over runs; ${differenceLegend(history)}.${simulation}`;
  const line = (
    row: HistoryRow,
    number = row.iteration === null ? '' : String(row.iteration),
    action = actionCell(row),
  ) =>
    `    ${[
      number,
      `\\raggedright ${latexText(action)}`,
      ...texts.map((text) => metricCell(row, text)),
      latexText(row.verdict === null || row.verdict === 'baseline' ? '' : verdictText[row.verdict]),
    ].join(' & ')} \\\\`;
  return [
    '% Needs \\usepackage{booktabs}',
    ...tableOf({
      caption,
      label,
      columns: `rp{3.1cm}${'r'.repeat(metrics.length)}l`,
      headings: ['#', 'action and change', ...texts.map(({ heading }) => heading), 'verdict'],
      body: [
        ...(baseline ? [line(baseline)] : []),
        ...(baseline && iterations.length > 0 ? ['    \\midrule'] : []),
        ...iterations.map((row) => line(row)),
        ...(best ? ['    \\midrule', line(best, '', bestName(best))] : []),
      ],
    }),
    ...(parts === null ? [] : ['', ...latexParts(parts, { study: study.study, label: `${label}-parts`, simulation })]),
    '',
  ].join('\n');
}

/** One line per part and class; leading cells that repeat those of the line above are left empty. */
function latexParts(
  { headings, rows }: ExportTable,
  { study, label, simulation }: { study: string; label: string; simulation: string },
): string[] {
  const caption = `${study}: each part of the data and each class. Means over runs; in brackets, the difference from the baseline on the same part, in points (hundredths) or the unit of the column; ↑ higher is better, ↓ lower is better.${simulation}`;
  const line = (cells: string[], index: number) => {
    const before = rows[index - 1] ?? [];
    const same = (upTo: number) => cells.slice(0, upTo + 1).every((cell, at) => cell === before[at]);
    const shown = cells.map((cell, at) => (at < 3 && same(at) ? '' : latexText(cell)));
    return [...(index > 0 && !same(1) ? ['    \\addlinespace'] : []), `    ${shown.join(' & ')} \\\\`];
  };
  const columns = `rp{3.1cm}ll${'r'.repeat(headings.length - 4)}`;
  return tableOf({ caption, label, columns, headings, body: rows.flatMap(line) });
}

interface LatexTable {
  caption: string;
  label: string;
  /** As `tabular` takes them: `rll`. */
  columns: string;
  headings: readonly string[];
  /** Lines of LaTeX between the rules. */
  body: readonly string[];
}

/** The lines of a floating table. */
export function tableOf({ caption, label, columns, headings, body }: LatexTable): string[] {
  return [
    '\\begin{table}',
    '  \\centering',
    '  \\footnotesize',
    '  \\setlength{\\tabcolsep}{3pt}',
    `  \\caption{${latexText(caption)}}`,
    `  \\label{${label}}`,
    `  \\begin{tabular}{${columns}}`,
    '    \\toprule',
    `    ${headings.map(latexText).join(' & ')} \\\\`,
    '    \\midrule',
    ...body,
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
  ];
}

function actionCell({ action, runs, changes }: HistoryRow): string {
  if (action === null) return `baseline${runs > 1 ? `, ${runs} runs` : ''}`;
  return actionChangesText(action, changes, { runs });
}

/** On two lines, so that a column is no wider than its mean and spread. */
function metricCell({ metrics }: HistoryRow, text: MetricText): string {
  const summary = metrics[text.name];
  if (summary === undefined) return '';
  const value = latexText(text.spread(summary));
  if (summary.difference === null) return value;
  const difference = latexText(`(${text.difference(summary.difference)})`);
  return `\\begin{tabular}[t]{@{}r@{}}${value}\\\\${difference}\\end{tabular}`;
}
