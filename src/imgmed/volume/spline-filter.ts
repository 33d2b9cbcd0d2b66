const pole = Math.sqrt(3) - 2;

/**
 * Turns samples of one line into cubic B-spline coefficients, in place (Unser 1999, box 2), for a line that
 * continues as its mirror image (half-sample symmetric). `line` is a scratch array of the line's length.
 */
export function splineFilterLine(line: Float64Array): void {
  const length = line.length;
  if (length < 2) return;
  const gain = (1 - pole) * (1 - 1 / pole);
  for (let index = 0; index < length; index++) line[index]! *= gain;
  // Sum over the mirrored past; the powers fall below double precision after 30 terms.
  let sum = line[0]!;
  let power = pole;
  for (let index = 0; index < Math.min(60, 2 * length); index++) {
    const folded = index % (2 * length);
    sum += power * line[folded < length ? folded : 2 * length - 1 - folded]!;
    power *= pole;
  }
  line[0] = sum;
  for (let index = 1; index < length; index++) line[index]! += pole * line[index - 1]!;
  line[length - 1] = (pole / (pole - 1)) * line[length - 1]!;
  for (let index = length - 2; index >= 0; index--) line[index] = pole * (line[index + 1]! - line[index]!);
}
