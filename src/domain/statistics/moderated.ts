import type { SampleMoments } from './sample.ts';
import { studentTCdf } from './student-t.ts';

/** What repeated runs suggest about the spread before a setting's own runs are considered. */
export interface SpreadPrior {
  variance: number;
  /** The degrees of freedom that it is worth. */
  degrees: number;
}

/** A variance and its degrees of freedom. */
export interface Spread {
  variance: number;
  degrees: number;
}

/**
 * The spread that a study's repeated runs have in common: a weighted mean of the logarithms of their sample variances,
 * each corrected for its bias (Smyth 2004, §6.2), so that one setting that occasionally breaks down does not dominate.
 * `weak` is the assumption before any run, weighted by its degrees of freedom. Samples of one run are ignored.
 */
export function commonSpread(samples: readonly SampleMoments[], weak: SpreadPrior): SpreadPrior {
  const floor = weak.variance * 1e-4;
  let sum = weak.degrees * Math.log(weak.variance);
  let weights = weak.degrees;
  for (const { variance, n } of samples) {
    if (n < 2 || !Number.isFinite(variance)) continue;
    const half = (n - 1) / 2;
    sum += (n - 1) * (Math.log(Math.max(variance, floor)) - digamma(half) + Math.log(half));
    weights += n - 1;
  }
  return { variance: Math.exp(sum / weights), degrees: weak.degrees };
}

/**
 * A setting's moderated variance (Smyth 2004, eq. 7): its own shrunk towards the common one, or just that for one run.
 */
export function moderatedSpread({ variance, n }: SampleMoments, prior: SpreadPrior): Spread {
  const own = n > 1 && Number.isFinite(variance) ? (n - 1) * variance : 0;
  const degrees = prior.degrees + n - 1;
  return { variance: (prior.degrees * prior.variance + own) / degrees, degrees };
}

/** A comparison of two settings with one or more runs each. */
export interface ModeratedComparison {
  /** mean(first) − mean(second). */
  difference: number;
  standardError: number;
  degrees: number;
  /** Probability that the first is truly the higher one, under a flat prior on the difference. */
  higher: number;
}

/** Uses moderated variances and Welch–Satterthwaite degrees of freedom. */
export function moderatedComparison(
  first: SampleMoments,
  second: SampleMoments,
  prior: SpreadPrior,
): ModeratedComparison {
  const [a, b] = [moderatedSpread(first, prior), moderatedSpread(second, prior)];
  const [ofA, ofB] = [a.variance / first.n, b.variance / second.n];
  const difference = first.mean - second.mean;
  const standardError = Math.sqrt(ofA + ofB);
  const degrees = (ofA + ofB) ** 2 / (ofA ** 2 / a.degrees + ofB ** 2 / b.degrees);
  return { difference, standardError, degrees, higher: studentTCdf(difference / standardError, degrees) };
}

/** ψ(x) for x > 0: shifted above 6, then its asymptotic series (Abramowitz & Stegun 6.3.18). */
export function digamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 6) shift -= 1 / z++;
  const s = 1 / (z * z);
  return shift + Math.log(z) - 1 / (2 * z) - s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s / 240)));
}
