import { type SampleMoments, type WelchDifference, welchDifference } from '../../src/domain/statistics/index.ts';

/**
 * Validating runs minus the baseline's, for a verdict: Welch's difference whose degrees of freedom are never more than
 * the validating runs' own, n − 1. Where these scatter more than the baseline and two or three of them lie close
 * together by chance, Welch takes the baseline's certainty for theirs: beside 10 baseline runs a study then said "no
 * loss" of settings that lose the margin in 7 % (equal spreads) to 14 % (five times as wide), and in 1 to 5 % so
 * (`npm run bench -- decision-rules`).
 */
export function confirmingDifference(validating: SampleMoments, baseline: SampleMoments): WelchDifference {
  const welch = welchDifference(validating, baseline);
  return { ...welch, degrees: Math.min(welch.degrees, confirmingDegrees(validating.n)) };
}

/** The most degrees of freedom that so many validating runs give. */
export function confirmingDegrees(validatingRuns: number): number {
  return validatingRuns - 1;
}
