import { randomFor } from '../imgmed/random.ts';

/** How intervals of a mean over cases are computed: nothing is assumed about the values, so shares stay in 0 … 1. */
export const bootstrap = { method: 'percentile bootstrap', level: 0.95, resamples: 2000, seed: 1, fewestCases: 5 };

/** The method in one sentence, for reports. */
export function describeIntervals(): string {
  const { resamples, seed, fewestCases } = bootstrap;
  return `95 % of the mean: percentile bootstrap over the cases, ${resamples} resamples, seed ${seed}; none below ${fewestCases} cases.`;
}

/** 2.5th and 97.5th percentile of the mean of `values` resampled with replacement; NaN for too few values. */
export function bootstrapInterval(values: readonly number[]): [number, number] {
  const { resamples, seed, fewestCases, level } = bootstrap;
  if (values.length < fewestCases) return [Number.NaN, Number.NaN];
  if (values.every((value) => value === values[0])) return [values[0]!, values[0]!];
  const random = randomFor('bootstrap', seed, values.length);
  const means = new Float64Array(resamples);
  for (let draw = 0; draw < resamples; draw++) {
    let sum = 0;
    for (let index = 0; index < values.length; index++) sum += values[Math.floor(random() * values.length)]!;
    means[draw] = sum / values.length;
  }
  means.sort();
  return [quantile(means, (1 - level) / 2), quantile(means, (1 + level) / 2)];
}

/** Quantile of sorted values, linear between the closest ranks (numpy's default); NaN for none. */
export function quantile(sorted: ArrayLike<number>, fraction: number): number {
  if (sorted.length === 0) return Number.NaN;
  const rank = (sorted.length - 1) * fraction;
  const below = Math.floor(rank);
  const [low, high] = [sorted[below]!, sorted[Math.min(sorted.length - 1, below + 1)]!];
  return low === high ? low : low + (high - low) * (rank - below);
}
