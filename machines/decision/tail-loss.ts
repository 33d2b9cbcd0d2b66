/** A run so many robust standard deviations below its setting's median is a rare bad one. */
const rare = 3;
/** And counts as no more than so many: that a setting at the edge of stability collapses says little of how deep a steadier one would fall. */
const most = 5;
/** Fewer runs of a setting have no median to speak of. */
const fewest = 3;
/** The median distance from the median of normal noise, times this, is its standard deviation. */
const normalScale = 1.4826;

/**
 * What rare bad runs would take from the mean of a setting that has shown none, or fewer than its share: the mean loss of a run
 * through them over all validated settings of a study, less that over the setting's own runs; 0 or more, in the metric's unit. Runs
 * of k workers that collapse now and then do so with most settings alike; of twelve runs, one in twenty, half of the settings show
 * none, and look better by just that.
 *
 * `own` and each of `others` are one setting's values, more being better (≥ 3 count); all share one scale, that of the median distance.
 */
export function tailLoss(own: readonly number[], others: readonly (readonly number[])[]): number {
  const settings = [own, ...others].filter(({ length }) => length >= fewest);
  if (own.length < fewest || settings.length < 2) return 0;
  const below = settings.map(belowMedian);
  const scale = spreadOf(below.flat());
  const lossOf = (distances: readonly number[]) =>
    distances.reduce((sum, distance) => sum + (distance > rare * scale ? Math.min(distance, most * scale) : 0), 0) /
    distances.length;
  return Math.max(0, lossOf(below.flat()) - lossOf(below[0]!));
}

/** How far below their median the values lie, in ascending order; somewhat more, for it was taken from them. */
function belowMedian(values: readonly number[]): number[] {
  const median = medianOf(values);
  const wider = Math.sqrt(values.length / (values.length - 1));
  return values.map((value) => (median - value) * wider).sort((a, b) => a - b);
}

/** Of distances from medians: hardly widened by rare bad runs. Where half of a coarse metric's values are alike, their root mean square. */
function spreadOf(distances: readonly number[]): number {
  const robust = normalScale * medianOf(distances.map(Math.abs));
  if (robust > 0) return robust;
  return Math.sqrt(distances.reduce((sum, distance) => sum + distance ** 2, 0) / distances.length);
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
