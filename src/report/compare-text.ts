import type { ComparePoint, Comparison } from './compare.ts';
import { policyText } from './compare-words.ts';
import { count, formatMetric, formatPoints } from './format.ts';
import type { TextOptions } from './text-table.ts';
import { textTable } from './text-table.ts';
import { simulatedNotice } from './words.ts';

/** The primary metric by policy and worker count, and what it cost. */
export function comparisonText(data: Comparison, { width, colors }: TextOptions): string {
  const { comparison, metrics, workers, baseline, lines, searches, simulated, epochs, totals } = data;
  const primary = metrics[0] ?? 'dice';
  const table = textTable({
    columns: [
      { heading: primary, flexible: true },
      ...workers.map((k) => ({ heading: `k = ${k}`, align: 'right' as const })),
    ],
    rows: lines.map(({ policy, points }) => [
      policyText[policy],
      ...workers.map((k) =>
        cellText(
          points.find((point) => point.workers === k),
          primary,
        ),
      ),
    ]),
    width,
    dim: colors.dim,
  });
  const reference = baseline?.metrics[primary];
  const found = searches.map(
    ({ study, outcome, iterations, runs }) =>
      `${study}: ${outcome ?? 'not ended'} after ${count(iterations, 'iteration')}, ${count(runs, 'run')}.`,
  );
  return [
    ...(simulated ? [colors.yellow(colors.bold(simulatedNotice)), ''] : []),
    `${colors.bold(comparison)}: ${epochs} epochs a run`,
    `Baseline, 1 worker: ${reference === undefined ? 'none yet' : `${primary} ${meanText(reference, primary)} (n = ${reference.n})`}`,
    '',
    table,
    '',
    colors.dim(
      'Mean \u00b1 standard deviation over runs; in brackets the difference to the baseline in points (hundredths).',
    ),
    ...found,
    `${count(totals.trained, 'run')} trained, ${Number(totals.hours.toPrecision(2))} hours of training.`,
  ].join('\n');
}

function cellText(point: ComparePoint | undefined, metric: string): string {
  if (point === undefined) return '';
  const summary = point.metrics[metric];
  const lost = point.diverged > 0 ? ` ${point.diverged} of ${point.runs} diverged` : '';
  if (summary === undefined) return lost.trim() || (point.failed > 0 ? 'failed' : '');
  const difference = summary.difference === null ? '' : ` (${formatPoints(summary.difference)})`;
  return `${meanText(summary, metric)}${difference}${lost}`;
}

function meanText({ mean, sd }: { mean: number; sd: number | null }, metric: string): string {
  return `${formatMetric(metric, mean)}${sd === null ? '' : ` \u00b1 ${formatMetric(metric, sd)}`}`;
}
