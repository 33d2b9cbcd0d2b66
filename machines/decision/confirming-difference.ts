import {
  type SampleMoments,
  studentTQuantile,
  type WelchDifference,
  welchDifference,
} from '../../src/domain/statistics/index.ts';

/**
 * Validating runs minus the baseline's, for a verdict: Welch's difference whose degrees of freedom are never more than
 * the validating runs' own, n − 1. Where these scatter more than the baseline and two or three of them lie close
 * together by chance, Welch takes the baseline's certainty for theirs: beside 10 baseline runs a study then said "no
 * loss" of settings that lose the margin in 7 % (equal spreads) to 14 % (five times as wide), and in 1 to 5 % so
 * (`npm run bench -- decision-rules`).
 *
 * Runs that do not differ at all, such as perfect ones, say nothing of chance: the baseline's spread is taken for theirs.
 */
export function confirmingDifference(validating: SampleMoments, baseline: SampleMoments): WelchDifference {
  const variance = validating.variance === 0 ? baseline.variance : validating.variance;
  const welch = welchDifference({ ...validating, variance }, baseline);
  return { ...welch, degrees: Math.min(welch.degrees, confirmingDegrees(validating.n)) };
}

/** The most degrees of freedom that so many validating runs give: as many beside a baseline that leaves nothing open. */
export function confirmingDegrees(validatingRuns: number): number {
  return validatingRuns - 1;
}

/**
 * Does the baseline alone leave so much open that no number of validating runs shows `gain`, the difference in the good
 * direction, to be above −margin, though it is? Two runs of one worker that differ by four points do, up to half the scale.
 */
export function baselineLeavesOpen(
  { variance, n }: SampleMoments,
  { gain, margin, level }: { gain: number; margin: number; level: number },
): boolean {
  const room = gain + margin;
  return room > 0 && studentTQuantile(1 - level, n - 1) * Math.sqrt(variance / n) > room;
}

/** Runs of different seeds that differ by less than a thousandth of the margin are one run, repeated: they know nothing of chance. */
export function isOneRun({ n, variance }: SampleMoments, margin: number): boolean {
  return n > 1 && Math.sqrt(variance) < margin / 1000;
}
