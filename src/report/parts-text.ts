import { actionText } from '../../machines/guideline/index.ts';
import { differenceLegend, type MetricText, metricTexts } from '../domain/metric/text.ts';
import { count } from '../domain/text/format.ts';
import {
  type ComparedMetrics,
  type MeasuredHistory,
  type MeasuredRow,
  type PartSummary,
  partLines,
  partMetrics,
} from './parts.ts';
import { differenceIn } from './statistics/compared.ts';
import type { TextOptions } from './tables/text-table.ts';
import { textTable } from './tables/text-table.ts';
import { wrap } from './tables/text-width.ts';

/** `history --classes`: every row on each part of the data, over all classes and class by class. */
export function partsText(history: MeasuredHistory, { width, colors }: TextOptions): string {
  const lines = partLines([...(history.baseline ? [history.baseline] : []), ...history.iterations]);
  if (lines.length === 0) return 'No run of this study was evaluated part by part.';
  const metrics = partMetrics(lines, history.metrics[0] ?? 'dice');
  const texts = metrics.map(metricTexts(history));
  const starts = (index: number) => lines[index]?.row !== lines[index - 1]?.row;
  const opens = (index: number) => starts(index) || lines[index]?.split !== lines[index - 1]?.split;
  const table = textTable({
    columns: [
      { heading: '#', align: 'right' },
      { heading: 'action', flexible: true },
      { heading: 'part' },
      { heading: 'class' },
      ...texts.map(({ heading }) => ({ heading, align: 'right' as const })),
    ],
    rows: lines.map(({ row, split, name, metrics: own }, index) => [
      starts(index) ? String(row.iteration ?? '') : '',
      starts(index) ? rowName(row) : '',
      opens(index) ? split : '',
      name ?? colors.dim('all'),
      ...texts.map((text) => measuredText(own, text)),
    ]),
    width,
    dim: colors.dim,
  });
  const classes = lines.some(({ name }) => name !== null) ? '' : ' The trainer reported no individual classes.';
  const legend = `Means over runs; ${differenceLegend(history, 'the baseline on the same part', metrics)}. An empty cell: not reported, or a class that the part does not have.${classes}`;
  return [table, '', ...wrap(legend, Math.min(width, 100)).map(colors.dim)].join('\n');
}

/** The sentence below a table of validation metrics: the same rows on the test part. */
export function testPartText({ baseline, iterations, ...meaning }: MeasuredHistory): string | null {
  const primary = meaning.metrics[0] ?? 'dice';
  const text = metricTexts(meaning)(primary);
  const measured = [...(baseline ? [baseline] : []), ...iterations].flatMap((row) => {
    const hidden = row.parts.find(({ split, shown }) => split === 'test' && !shown);
    return hidden?.metrics[primary] === undefined ? [] : [`${rowName(row)} ${measuredText(hidden.metrics, text)}`];
  });
  if (measured.length === 0) return null;
  return `Metrics are of the validation part, on which settings are chosen. On the test part, which confirms them, ${text.heading} is: ${measured.join('; ')}.`;
}

/** The best setting on the test part, where the numbers shown are from the validation part; otherwise empty. */
export function bestOnTestPart({ baseline, best, ...meaning }: MeasuredHistory): string {
  const primary = meaning.metrics[0] ?? 'dice';
  const text = metricTexts(meaning)(primary);
  const onTest = (row: MeasuredHistory['best'] | MeasuredRow) =>
    row?.parts.find(({ split, shown }) => split === 'test' && !shown)?.metrics[primary];
  const [value, reference] = [onTest(best), onTest(baseline)];
  if (value === undefined || reference === undefined) return '';
  const compared = differenceIn(value);
  const change = compared === null ? '' : `, a difference of ${text.change(compared)}`;
  return `These means are of the validation part, on which settings are chosen. On the test part, which confirms them, it has ${text.value(value.mean)} against the baseline's ${text.value(reference.mean)}${change}.`;
}

/** `test  dice ↑ 0.812 (−0.3), …` for all classes, then one line per class. */
export function partsOfRowText(parts: readonly PartSummary[], textOf: (name: string) => MetricText): string[] {
  if (parts.every(({ shown, classes }) => shown && Object.keys(classes).length === 0)) return [];
  const text = (metrics: ComparedMetrics) =>
    Object.keys(metrics)
      .map((name) => `${textOf(name).heading} ${measuredText(metrics, textOf(name))}`)
      .join(', ') || 'not in this part';
  return parts.flatMap(({ split, metrics, classes }) => [
    `${split.padEnd(9)} ${text(metrics)}`,
    ...Object.entries(classes).map(([name, each]) => `  ${name}: ${text(each)}`),
  ]);
}

function rowName(row: MeasuredRow): string {
  const repeats = row.runs > 1 ? `, ${count(row.runs, 'run')}` : '';
  return `${row.action === null ? 'baseline' : actionText[row.action]}${repeats}`;
}

/** `0.812 (−0.3)`, below a heading; empty where it was not measured. */
export function measuredText(metrics: ComparedMetrics, text: MetricText): string {
  const summary = metrics[text.name];
  if (summary === undefined) return '';
  const difference = summary.difference === null ? '' : ` (${text.difference(summary.difference)})`;
  return `${text.value(summary.mean)}${difference}`;
}
