const pole = Math.sqrt(3) - 2;

/**
 * Replaces the samples of one line by cubic B-spline coefficients, in place (Unser 1999, box 2), for a line that
 * continues as its mirror image (half-sample symmetric).
 */
export function splineFilterLine(line: Float64Array): void {
  const length = line.length;
  if (length < 2) return;
  const gain = (1 - pole) * (1 - 1 / pole);
  for (let index = 0; index < length; index++) line[index]! *= gain;
  // The sum over the mirrored past, in a short line over several periods of it; after 32 terms the powers are below
  // double precision.
  let sum = line[0]!;
  let power = pole;
  for (let index = 0; index < 32; index++) {
    const folded = index % (2 * length);
    sum += power * line[folded < length ? folded : 2 * length - 1 - folded]!;
    power *= pole;
  }
  line[0] = sum;
  for (let index = 1; index < length; index++) line[index]! += pole * line[index - 1]!;
  line[length - 1] = (pole / (pole - 1)) * line[length - 1]!;
  for (let index = length - 2; index >= 0; index--) line[index] = pole * (line[index + 1]! - line[index]!);
}
