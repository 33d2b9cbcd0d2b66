import { type CaseGrid, type CaseMetricName, type Counts, distanceNames } from './case-metric-names.ts';

/**
 * The value of a metric whose formula has none. Leaving this to chance makes two evaluations of the same masks disagree
 * (https://github.com/Project-MONAI/MONAI/issues/9095), so the policy is explicit, and printed in each report.
 */
export interface EmptyMaskPolicy {
  /** Class in neither mask: leave the case out, or count it as a perfect one (1, and 0 mm). */
  bothEmpty: 'exclude' | 'perfect';
  /** Class in one mask only: distances are the image's diagonal, are left out, or are infinite. */
  oneEmpty: 'diagonal' | 'exclude' | 'infinite';
}

export const defaultEmptyMaskPolicy: EmptyMaskPolicy = { bothEmpty: 'exclude', oneEmpty: 'diagonal' };

/** The policy in one sentence, for reports. */
export function describeEmptyMaskPolicy({ bothEmpty, oneEmpty }: EmptyMaskPolicy): string {
  const both = bothEmpty === 'exclude' ? 'is left out' : 'counts as perfect';
  const one = { diagonal: "is the image's diagonal", exclude: 'is left out', infinite: 'is infinite' }[oneEmpty];
  return `A case without the class in either mask ${both}; where only one mask has it, a distance ${one}, and dice and surfaceDice are 0.`;
}

/** The value of a metric whose formula is 0/0 or has no surface to measure from. NaN leaves the case out. */
export function valueForEmptyMasks(
  name: CaseMetricName,
  { tp, fp, fn }: Counts,
  { size, spacingMm }: CaseGrid,
  { bothEmpty, oneEmpty }: EmptyMaskPolicy,
): number {
  const distance = distanceNames.includes(name);
  if (tp + fp + fn === 0) {
    if (bothEmpty === 'exclude') return Number.NaN;
    return distance ? 0 : 1;
  }
  if (name === 'surfaceDice') return 0;
  // Sensitivity without reference, precision without prediction, specificity of a full mask: no voxel to judge by.
  if (!distance || oneEmpty === 'exclude') return Number.NaN;
  if (oneEmpty === 'infinite') return Number.POSITIVE_INFINITY;
  return Math.hypot(...size.map((length, axis) => (length - 1) * spacingMm[axis]!));
}
