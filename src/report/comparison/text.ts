import { differenceLegend, type MetricText, metricTexts } from '../../domain/metric/text.ts';
import { count } from '../../domain/text/format.ts';
import { outcomeWord } from '../measured.ts';
import type { TextOptions } from '../tables/text-table.ts';
import { textTable } from '../tables/text-table.ts';
import { wrap } from '../tables/text-width.ts';
import { simulatedNotice } from '../words.ts';
import { anewText } from './anew.ts';
import type { ComparePoint, Comparison } from './comparison.ts';
import { policyText } from './words.ts';

/** A row for each policy: its name, and a metric at each number of workers. */
export function policyRows({ lines, workers }: Comparison, text: MetricText): string[][] {
  return lines.map(({ policy, points }) => [
    policyText[policy],
    ...workers.map((k) =>
      cellText(
        points.find((point) => point.workers === k),
        text,
      ),
    ),
  ]);
}

/** The primary metric by policy and worker count, and what it cost. */
export function comparisonText(data: Comparison, { width, colors }: TextOptions): string {
  const { comparison, metrics, workers, baseline, searches, simulated, epochs, totals } = data;
  const primary = metrics[0] ?? 'dice';
  const text = metricTexts(data)(primary);
  const table = textTable({
    columns: [
      { heading: text.heading, flexible: true },
      ...workers.map((k) => ({ heading: `k = ${k}`, align: 'right' as const })),
    ],
    rows: policyRows(data, text),
    width,
    dim: colors.dim,
  });
  const reference = baseline?.metrics[primary];
  const found = searches.map(
    ({ study, outcome, unverified, iterations, runs }) =>
      `${study}: ${outcomeWord(outcome, unverified)} after ${count(iterations, 'iteration')}, ${count(runs, 'run')}.`,
  );
  return [
    ...(simulated ? [colors.yellow(colors.bold(simulatedNotice)), ''] : []),
    `${colors.bold(comparison)}: ${count(epochs, 'epoch')} a run`,
    `Baseline, 1 worker: ${reference === undefined ? 'none yet' : `${primary} ${text.spreadWithUnit(reference)} (n = ${reference.n})`}`,
    '',
    table,
    '',
    ...wrap(
      `Mean \u00b1 standard deviation over runs; ${differenceLegend(data, 'the baseline', [primary])}.`,
      Math.min(width, 100),
    ).map(colors.dim),
    ...anewText(data.anew, text).flatMap((line) => wrap(line, Math.min(width, 110))),
    ...found,
    `${trainedText(totals)} trained, ${count(Number(totals.hours.toPrecision(2)), 'hour')} of training.`,
  ].join('\n');
}

/** The runs that the progress `[44/44]` counts, and those of the studies that searched for a setting. */
function trainedText({ trained, inSearches }: Comparison['totals']): string {
  const own = count(trained - inSearches, 'run');
  return inSearches === 0 ? own : `${own} of the comparison and ${inSearches} of its studies, ${trained} in all,`;
}

/** `0.837 ± 0.028 (−1.1)`, below the metric’s heading; adds how many runs diverged, or says that they failed. */
function cellText(point: ComparePoint | undefined, text: MetricText): string {
  if (point === undefined) return '';
  const summary = point.metrics[text.name];
  const lost = point.diverged > 0 ? ` ${point.diverged} of ${point.runs} diverged` : '';
  if (summary === undefined) return lost.trim() || (point.failed > 0 ? 'failed' : '');
  const difference = summary.difference === null ? '' : ` (${text.difference(summary.difference)})`;
  return `${text.spread(summary)}${difference}${lost}`;
}
