import Table from 'cli-table3';
import { stringify } from 'csv-stringify/sync';
import { sheetText } from '../domain/text/sheet-text.ts';
import { caseMetricNames } from './case-metric-names.ts';
import type { CaseResult, FolderEvaluation } from './cases.ts';
import type { Label } from './label.ts';
import { allClassesMetricNames } from './overlap-metrics.ts';
import type { AllClassesSummary, MetricSummary, ValueSummary } from './summary.ts';

/** One block per class: metric, mean, deviation, confidence interval, median, cases. */
export function summaryTable(summaries: readonly MetricSummary[], labelNames: ReadonlyMap<Label, string>): string {
  const labels = [...new Set(summaries.map(({ label }) => label))];
  return labels
    .map((label) => {
      const table = emptyTable(nameOf(label, labelNames));
      for (const summary of summaries.filter((entry) => entry.label === label)) {
        table.push([summary.metric, ...rowOf(summary)]);
      }
      return table.toString();
    })
    .join('\n');
}

/** The block of all classes together, with a column for the voxels of all cases as one. */
export function allClassesTable(summaries: readonly AllClassesSummary[]): string {
  const table = emptyTable('all classes', 'all voxels');
  for (const summary of summaries) table.push([summary.metric, ...rowOf(summary), shown(summary.pooled)]);
  return table.toString();
}

/** How many lesions were found, in one sentence for each class. */
export function lesionSentences(results: readonly CaseResult[], labelNames: ReadonlyMap<Label, string>): string[] {
  return [...new Set(results.map(({ label }) => label))].map((label) => {
    const of = results.filter((result) => result.label === label);
    const total = (name: 'lesionsDetected' | 'lesionsMissed' | 'lesionsFalse') =>
      of.reduce((sum, { metrics }) => sum + metrics[name], 0);
    const [found, missed, wrong] = [total('lesionsDetected'), total('lesionsMissed'), total('lesionsFalse')];
    return `${nameOf(label, labelNames)}: ${found} of ${found + missed} lesions detected, ${wrong} false.`;
  });
}

function emptyTable(title: string, ...more: string[]): Table.Table {
  return new Table({
    head: [title, 'mean', 'sd', '95 % of the mean', 'median', 'cases', ...more],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
  });
}

function rowOf({ mean, sd, confidence95: [low, high], quartiles, n, excluded }: ValueSummary): string[] {
  const interval = Number.isNaN(low) ? '–' : `${shown(low)} … ${shown(high)}`;
  const cases = excluded > 0 ? `${n} (${excluded} left out)` : String(n);
  return [shown(mean), shown(sd), interval, shown(quartiles[2]), cases];
}

/** One row per case and class, then one per case for all classes, all digits; NaN is an empty field. */
export function casesCsv(
  { results, allClasses }: Pick<FolderEvaluation, 'results' | 'allClasses'>,
  labelNames: ReadonlyMap<Label, string>,
): string {
  const cell = (value: number) => (Number.isNaN(value) ? '' : value);
  const perClass = results.map(({ id, label, metrics }) => [
    ...[id, label, nameOf(label, labelNames)],
    ...caseMetricNames.map((name) => cell(metrics[name])),
    ...allClassesMetricNames.map(() => ''),
  ]);
  const together = allClasses.cases.map(({ id, metrics }) => [
    ...[id, '', 'all classes'],
    ...caseMetricNames.map(() => ''),
    ...allClassesMetricNames.map((name) => cell(metrics[name])),
  ]);
  const head = ['case', 'label', 'class', ...caseMetricNames, ...allClassesMetricNames];
  return stringify([head, ...perClass, ...together], { cast: { string: sheetText } });
}

export function nameOf(label: Label, labelNames: ReadonlyMap<Label, string>): string {
  return labelNames.get(label) ?? `label ${label}`;
}

function shown(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(4);
}
