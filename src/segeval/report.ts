import Table from 'cli-table3';
import { stringify } from 'csv-stringify/sync';
import { sheetText } from '../domain/sheet-text.ts';
import { caseMetricNames } from './case-metric-names.ts';
import type { CaseResult } from './cases.ts';
import type { MetricSummary } from './summary.ts';

/** One block per class: metric, mean, deviation, confidence interval, median, cases. */
export function summaryTable(summaries: readonly MetricSummary[], labelNames: ReadonlyMap<number, string>): string {
  const labels = [...new Set(summaries.map(({ label }) => label))];
  return labels
    .map((label) => {
      const table = new Table({
        head: [nameOf(label, labelNames), 'mean', 'sd', '95 % of the mean', 'median', 'cases'],
        style: { head: [], border: [] },
        colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
      });
      for (const summary of summaries.filter((entry) => entry.label === label)) {
        const [low, high] = summary.confidence95;
        const interval = Number.isNaN(low) ? '–' : `${shown(low)} … ${shown(high)}`;
        const cases = summary.excluded > 0 ? `${summary.n} (${summary.excluded} left out)` : String(summary.n);
        table.push([
          summary.metric,
          shown(summary.mean),
          shown(summary.sd),
          interval,
          shown(summary.quartiles[2]),
          cases,
        ]);
      }
      return table.toString();
    })
    .join('\n');
}

/** One row per case and class, all digits; NaN is an empty field. */
export function casesCsv(results: readonly CaseResult[], labelNames: ReadonlyMap<number, string>): string {
  const rows = results.map(({ id, label, metrics }) => [
    id,
    label,
    nameOf(label, labelNames),
    ...caseMetricNames.map((name) => (Number.isNaN(metrics[name]) ? '' : metrics[name])),
  ]);
  return stringify([['case', 'label', 'class', ...caseMetricNames], ...rows], { cast: { string: sheetText } });
}

export function nameOf(label: number, labelNames: ReadonlyMap<number, string>): string {
  return labelNames.get(label) ?? `label ${label}`;
}

function shown(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(4);
}
