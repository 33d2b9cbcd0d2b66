import { formatMetric, formatPoints } from './format.ts';
import type { HistoryRow, StudyHistory } from './history.ts';
import { latexText } from './latex.ts';
import { actionChangesText } from './setting-text.ts';
import { simulatedNotice, verdictText } from './words.ts';

/** The table as LaTeX for `\usepackage{booktabs}`, with caption and label; three metrics fit a page of A4. */
export function historyLatex({ baseline, iterations, metrics, ...study }: StudyHistory): string {
  const simulation = study.simulated ? ` ${simulatedNotice}` : '';
  const caption = `${study.study}: ${study.workers} workers, ${study.epochs} epochs a run; the baseline has one worker. Mean ± standard deviation over runs; in brackets the difference to the baseline in points (hundredths).${simulation}`;
  const line = (row: HistoryRow) =>
    `    ${[
      row.iteration === null ? '' : String(row.iteration),
      `\\raggedright ${latexText(actionCell(row))}`,
      ...metrics.map((name) => metricCell(row, name)),
      latexText(row.verdict === null || row.verdict === 'baseline' ? '' : verdictText[row.verdict]),
    ].join(' & ')} \\\\`;
  return [
    '% Needs \\usepackage{booktabs}',
    '\\begin{table}',
    '  \\centering',
    '  \\footnotesize',
    '  \\setlength{\\tabcolsep}{3pt}',
    `  \\caption{${latexText(caption)}}`,
    `  \\label{tab:${study.study.replace(/[^A-Za-z0-9-]/g, '-')}}`,
    `  \\begin{tabular}{rp{3.1cm}${'r'.repeat(metrics.length)}l}`,
    '    \\toprule',
    `    ${['#', 'action and change', ...metrics, 'verdict'].map(latexText).join(' & ')} \\\\`,
    '    \\midrule',
    ...(baseline ? [line(baseline)] : []),
    ...(baseline && iterations.length > 0 ? ['    \\midrule'] : []),
    ...iterations.map(line),
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
    '',
  ].join('\n');
}

function actionCell({ action, runs, changes }: HistoryRow): string {
  if (action === null) return `baseline${runs > 1 ? `, ${runs} runs` : ''}`;
  return actionChangesText(action, changes, { runs });
}

/** Two lines, so that a column is as narrow as its mean and spread. */
function metricCell({ metrics }: HistoryRow, name: string): string {
  const summary = metrics[name];
  if (summary === undefined) return '';
  const spread = summary.sd === null ? '' : ` ± ${formatMetric(name, summary.sd)}`;
  const value = latexText(`${formatMetric(name, summary.mean)}${spread}`);
  if (summary.difference === null) return value;
  const difference = latexText(`(${formatPoints(summary.difference)})`);
  return `\\begin{tabular}[t]{@{}r@{}}${value}\\\\${difference}\\end{tabular}`;
}
