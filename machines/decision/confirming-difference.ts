import {
  type SampleMoments,
  studentTQuantile,
  type WelchDifference,
  welchDifference,
} from '../../src/domain/statistics/index.ts';

/**
 * Mean of the validating runs minus the baseline's, for a verdict: Welch's difference with its degrees of freedom
 * capped at the validating runs' own, n − 1. Without the cap, if validating runs scatter more than the baseline but two
 * or three of them lie close together by chance, Welch credits them with the baseline's certainty: with 10 baseline
 * runs, studies then said "no loss" of settings that lose the margin in 7 % (equal spreads) to 14 % (five times as
 * wide) of cases, and with the cap in 1 to 5 % (`npm run bench -- decision-rules`).
 *
 * Runs that do not differ at all, such as perfect ones, say nothing about chance: the baseline's spread is used for
 * them.
 */
export function confirmingDifference(validating: SampleMoments, baseline: SampleMoments): WelchDifference {
  const variance = validating.variance === 0 ? baseline.variance : validating.variance;
  const welch = welchDifference({ ...validating, variance }, baseline);
  return { ...welch, degrees: Math.min(welch.degrees, confirmingDegrees(validating.n)) };
}

/** Maximum degrees of freedom that n validating runs give, reached with a perfectly known baseline. */
export function confirmingDegrees(validatingRuns: number): number {
  return validatingRuns - 1;
}

/**
 * Whether the baseline alone is so uncertain that no number of validating runs shows `gain`, the difference in the good
 * direction, to be above −margin although it is. Two single-worker runs four points apart leave up to half the scale
 * open.
 */
export function baselineLeavesOpen(
  { variance, n }: SampleMoments,
  { gain, margin, level }: { gain: number; margin: number; level: number },
): boolean {
  const room = gain + margin;
  return room > 0 && studentTQuantile(1 - level, n - 1) * Math.sqrt(variance / n) > room;
}

/** Whether runs with different seeds spread by less than margin / 1000: one run repeated says nothing about chance. */
export function isOneRun({ n, variance }: SampleMoments, margin: number): boolean {
  return n > 1 && Math.sqrt(variance) < margin / 1000;
}
