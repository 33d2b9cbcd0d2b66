/** Arithmetic mean; NaN for no values. */
export function sampleMean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Unbiased sample variance, n − 1 in the denominator; NaN for fewer than two values. */
export function sampleVariance(values: number[]): number {
  const mean = sampleMean(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/** Difference of two means with unequal variances (Welch 1947). */
export interface WelchDifference {
  /** mean(first) − mean(second). */
  difference: number;
  standardError: number;
  /** Welch–Satterthwaite degrees of freedom; Infinity where neither sample varies. */
  degrees: number;
}

/** A sample by its moments: all that a comparison of means needs. */
export interface SampleMoments {
  mean: number;
  /** Unbiased (n − 1); NaN where n is 1. */
  variance: number;
  n: number;
}

export function momentsOf(values: number[]): SampleMoments {
  const [first = Number.NaN] = values;
  // Equal values have no spread, however their sum is rounded.
  if (values.length > 1 && values.every((value) => value === first))
    return { mean: first, variance: 0, n: values.length };
  return { mean: sampleMean(values), variance: sampleVariance(values), n: values.length };
}

/** Both samples need at least two values. */
export function welchDifference(first: SampleMoments, second: SampleMoments): WelchDifference {
  const a = first.variance / first.n;
  const b = second.variance / second.n;
  const sum = a + b;
  const degrees = sum === 0 ? Infinity : sum ** 2 / (a ** 2 / (first.n - 1) + b ** 2 / (second.n - 1));
  return { difference: first.mean - second.mean, standardError: Math.sqrt(sum), degrees };
}
