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

/** Both samples need at least two values. */
export function welchDifference(first: number[], second: number[]): WelchDifference {
  const a = sampleVariance(first) / first.length;
  const b = sampleVariance(second) / second.length;
  const sum = a + b;
  const degrees = sum === 0 ? Infinity : sum ** 2 / (a ** 2 / (first.length - 1) + b ** 2 / (second.length - 1));
  return { difference: sampleMean(first) - sampleMean(second), standardError: Math.sqrt(sum), degrees };
}
