import { actionText } from '../../machines/guideline/index.ts';
import { count, formatMetric, formatPoints } from './format.ts';
import {
  type ComparedMetrics,
  type MeasuredHistory,
  type MeasuredRow,
  type PartSummary,
  partLines,
  partMetrics,
} from './parts.ts';
import type { TextOptions } from './text-table.ts';
import { textTable } from './text-table.ts';
import { wrap } from './text-width.ts';

/** `history --classes`: every row on each part of the data, over all classes and class by class. */
export function partsText(history: MeasuredHistory, { width, colors }: TextOptions): string {
  const lines = partLines([...(history.baseline ? [history.baseline] : []), ...history.iterations]);
  if (lines.length === 0) return 'No run of this study was evaluated part by part.';
  const metrics = partMetrics(lines, history.metrics[0] ?? 'dice');
  const starts = (index: number) => lines[index]?.row !== lines[index - 1]?.row;
  const opens = (index: number) => starts(index) || lines[index]?.split !== lines[index - 1]?.split;
  const table = textTable({
    columns: [
      { heading: '#', align: 'right' },
      { heading: 'action', flexible: true },
      { heading: 'part' },
      { heading: 'class' },
      ...metrics.map((heading) => ({ heading, align: 'right' as const })),
    ],
    rows: lines.map(({ row, split, name, metrics: own }, index) => [
      starts(index) ? String(row.iteration ?? '') : '',
      starts(index) ? rowName(row) : '',
      opens(index) ? split : '',
      name ?? colors.dim('all'),
      ...metrics.map((metric) => measuredText(own, metric)),
    ]),
    width,
    dim: colors.dim,
  });
  const classes = lines.some(({ name }) => name !== null) ? '' : ' The trainer reported no class by itself.';
  const legend = `Means over runs; in brackets the difference to the baseline on the same part, in points (hundredths). An empty cell: not reported, or a class that the part does not have.${classes}`;
  return [table, '', ...wrap(legend, Math.min(width, 100)).map(colors.dim)].join('\n');
}

/** The sentence below a table that shows the validation part: what the test part says of the same. */
export function testPartText({ baseline, iterations, metrics }: MeasuredHistory): string | null {
  const primary = metrics[0] ?? 'dice';
  const measured = [...(baseline ? [baseline] : []), ...iterations].flatMap((row) => {
    const hidden = row.parts.find(({ split, shown }) => split === 'test' && !shown);
    return hidden?.metrics[primary] === undefined ? [] : [`${rowName(row)} ${measuredText(hidden.metrics, primary)}`];
  });
  if (measured.length === 0) return null;
  return `Metrics are of the validation part, on which settings are chosen. On the test part, which confirms, ${primary} is: ${measured.join('; ')}.`;
}

/** `test  dice 0.812 (−0.3), …` for all classes, then a line a class. */
export function partsOfRowText(parts: readonly PartSummary[]): string[] {
  if (parts.every(({ shown, classes }) => shown && Object.keys(classes).length === 0)) return [];
  const text = (metrics: ComparedMetrics) =>
    Object.keys(metrics)
      .map((name) => `${name} ${measuredText(metrics, name)}`)
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

export function measuredText(metrics: ComparedMetrics, name: string): string {
  const summary = metrics[name];
  if (summary === undefined) return '';
  const difference = summary.difference === null ? '' : ` (${formatPoints(summary.difference)})`;
  return `${formatMetric(name, summary.mean)}${difference}`;
}
