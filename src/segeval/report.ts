import { stringify } from 'csv-stringify/sync';
import { sheetText } from '../domain/text/sheet-text.ts';
import { caseMetricNames } from './case-metric-names.ts';
import type { CaseResult, FolderEvaluation } from './cases.ts';
import type { Label } from './label.ts';
import { allClassesMetricNames } from './overlap-metrics.ts';

/** How many lesions were found, one sentence per class. */
export function lesionSentences(results: readonly CaseResult[], labelNames: ReadonlyMap<Label, string>): string[] {
  return [...new Set(results.map(({ label }) => label))].map((label) => {
    const of = results.filter((result) => result.label === label);
    const total = (name: 'lesionsDetected' | 'lesionsMissed' | 'lesionsFalse') =>
      of.reduce((sum, { metrics }) => sum + metrics[name], 0);
    const [found, missed, wrong] = [total('lesionsDetected'), total('lesionsMissed'), total('lesionsFalse')];
    return `${nameOf(label, labelNames)}: ${found} of ${found + missed} lesions detected, ${wrong} false.`;
  });
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
