import type { SampleMoments } from '../../src/domain/statistics/index.ts';

/** A run more than this many robust standard deviations below its setting's median is a rare bad one. */
const rare = 3;
/** Its loss is capped at this many: how deep a barely stable setting falls says little about steadier ones. */
const most = 5;
/** Fewer runs of a setting say nothing about its spread. A validation that a bad run ended early counts with two. */
const fewest = 2;
/** Degrees of freedom that the spread of all repeated settings weighs against a setting's own. */
const pooledDegrees = 10;
/** Ratio of the standard deviation of normal noise to its median distance from the median. */
const normalScale = 1.4826;

/**
 * What rare bad runs would take from the mean of a setting that has shown none, or fewer than its share: the mean loss
 * per run through them over all validated settings of a study, minus that over the setting's own runs; ≥ 0, in the
 * metric's unit. k-worker runs that occasionally collapse do so with most settings alike; if one in twenty does, half
 * of the settings show none in twelve runs, and look better by just that loss.
 *
 * `own` and each of `others` are one setting's values, more being better; settings with fewer than 2 are ignored. All
 * share one scale, that of the median distance.
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

/**
 * The winsorized variance of runs about their setting's median, over all repeated settings of a study together, this
 * one included; 0 without others. No run counts as more than five robust standard deviations away. `own` and `others` as in
 * `tailLoss`.
 */
export function winsorizedVariance(own: readonly number[], others: readonly (readonly number[])[]): number {
  const settings = [own, ...others].filter(({ length }) => length >= fewest);
  if (own.length < fewest || settings.length < 2) return 0;
  const distances = settings.flatMap(belowMedian);
  const farthest = most * spreadOf(distances);
  return distances.reduce((sum, distance) => sum + Math.min(Math.abs(distance), farthest) ** 2, 0) / distances.length;
}

/**
 * The sample with its variance moved towards a wider one (a moderated variance, Smyth 2004; never a narrower one): few
 * runs may lie close together by luck, many hardly.
 */
export function widened(sample: SampleMoments, pooledVariance: number): SampleMoments {
  const own = sample.n - 1;
  const moderated = (own * sample.variance + pooledDegrees * pooledVariance) / (own + pooledDegrees);
  return { ...sample, variance: Math.max(sample.variance, moderated) };
}

/** Distances of the values below their median, ascending; widened, since the median was taken from the same values. */
function belowMedian(values: readonly number[]): number[] {
  const median = medianOf(values);
  const wider = Math.sqrt(values.length / (values.length - 1));
  return values.map((value) => (median - value) * wider).sort((a, b) => a - b);
}

/** Robust to rare bad runs; the distances' root mean square if half of a coarse metric's values are alike. */
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
