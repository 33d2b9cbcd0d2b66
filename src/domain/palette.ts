/** RGB colours (0 … 255) of classes in pictures and segmentations; distinguishable by colour-blind readers. */
const colours: readonly (readonly [number, number, number])[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [204, 121, 167],
  [213, 94, 0],
];

/** The colour of label 1, 2, …; the palette repeats. NaN gets the first colour. */
export function labelColour(label: number): readonly [number, number, number] {
  return colours[Math.abs(Math.trunc(label) - 1) % colours.length] ?? colours[0]!;
}
