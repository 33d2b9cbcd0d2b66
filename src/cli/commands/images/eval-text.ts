import { textTable } from '../../../report/tables/text-table.ts';
import type { Label } from '../../../segeval/label.ts';
import { nameOf } from '../../../segeval/report.ts';
import type { AllClassesSummary, MetricSummary, ValueSummary } from '../../../segeval/summary.ts';
import { textOptions } from '../../output.ts';

/** One block per class: metric, mean, deviation, confidence interval, median, cases. */
export function summaryTables(summaries: readonly MetricSummary[], labelNames: ReadonlyMap<Label, string>): string[] {
  const labels = [...new Set(summaries.map(({ label }) => label))];
  return labels.map((label) =>
    block(
      nameOf(label, labelNames),
      summaries.filter((summary) => summary.label === label),
    ),
  );
}

/** The block for all classes together, with a column that pools the voxels of all cases. */
export function allClassesTable(summaries: readonly AllClassesSummary[]): string {
  const pooled = summaries.map((summary) => shown(summary.pooled));
  return block('all classes', summaries, { heading: 'all voxels', cells: pooled });
}

function block(
  title: string,
  summaries: readonly (ValueSummary & { metric: string })[],
  last?: { heading: string; cells: readonly string[] },
): string {
  const headings = ['mean', 'sd', '95 % of the mean', 'median', 'cases', ...(last ? [last.heading] : [])];
  return textTable({
    columns: [{ heading: title }, ...headings.map((heading) => ({ heading, align: 'right' as const }))],
    rows: summaries.map((summary, at) => [summary.metric, ...rowOf(summary), ...(last ? [last.cells[at]!] : [])]),
    dim: textOptions().colors.dim,
  });
}

function rowOf({ mean, sd, confidence95: [low, high], quartiles, n, excluded }: ValueSummary): string[] {
  const interval = Number.isNaN(low) ? '–' : `${shown(low)} … ${shown(high)}`;
  const cases = excluded > 0 ? `${n} (${excluded} left out)` : String(n);
  return [shown(mean), shown(sd), interval, shown(quartiles[2]), cases];
}

function shown(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(4);
}
