import { AutopilotError } from '../../domain/errors.ts';
import type { Triple, Volume } from './volume.ts';

/** Letters for the directions in which the LPS axes grow, and for the opposite directions. */
const towards = ['L', 'P', 'S'];
const away = ['R', 'A', 'I'];

/** Three letters for the directions in which i, j and k grow, such as `RAS`; an oblique axis gets the nearest one. */
export function orientationOf({ direction }: Pick<Volume, 'direction'>): string {
  const free = new Set([0, 1, 2]);
  const letters = ['', '', ''];
  // The most clearly aligned axis chooses first, so that no letter is given twice.
  const byClarity = [0, 1, 2].sort((a, b) => clarity(direction, b) - clarity(direction, a));
  for (const axis of byClarity) {
    const row = [...free].sort((a, b) => Math.abs(direction[b * 3 + axis]!) - Math.abs(direction[a * 3 + axis]!))[0]!;
    free.delete(row);
    letters[axis] = (direction[row * 3 + axis]! >= 0 ? towards : away)[row]!;
  }
  return letters.join('');
}

function clarity(direction: readonly number[], axis: number): number {
  return Math.max(...[0, 1, 2].map((row) => Math.abs(direction[row * 3 + axis]!)));
}

/** The anatomical axis (0: left-right, 1: front-back, 2: foot-head) of a letter. */
function anatomical(letter: string): number {
  return Math.max(towards.indexOf(letter), away.indexOf(letter));
}

export const planes = ['sagittal', 'coronal', 'axial'] as const;
export type Plane = (typeof planes)[number];

/** The index axis along which slices of a plane are stacked: 0 for sagittal slices of a volume in `RAS`. */
export function stackingAxis(orientation: string, plane: Plane): 0 | 1 | 2 {
  return [...orientation].findIndex((letter) => anatomical(letter) === planes.indexOf(plane)) as 0 | 1 | 2;
}

/** Reorders and flips the axes so that they grow towards the given letters; no voxel is interpolated. */
export function reorient(volume: Volume, wanted: string): Volume {
  const letters = [...wanted.toUpperCase()];
  if (letters.length !== 3 || new Set(letters.map(anatomical)).size !== 3 || letters.some((l) => anatomical(l) < 0)) {
    throw new AutopilotError(
      'image.orientation',
      `orientation: must be three letters, one of each pair R/L, A/P, S/I, got "${wanted}"; for example RAS`,
    );
  }
  const current = [...orientationOf(volume)];
  const sources = letters.map((letter) => current.findIndex((other) => anatomical(other) === anatomical(letter)));
  const flipped = sources.map((source, axis) => current[source] !== letters[axis]);
  if (sources.every((source, axis) => source === axis && !flipped[axis])) return volume;
  return moveAxes(volume, sources, flipped);
}

function moveAxes(volume: Volume, sources: readonly number[], flipped: readonly boolean[]): Volume {
  const { size: from, direction, spacingMm, originMm } = volume;
  const strides = [1, from[0], from[0] * from[1]];
  const size = sources.map((source) => from[source]!) as Triple;
  const steps = sources.map((source, axis) => (flipped[axis] ? -strides[source]! : strides[source]!));
  const count = from[0] * from[1] * from[2];
  const corner = sources.reduce(
    (sum, source, axis) => sum + (flipped[axis] ? (from[source]! - 1) * strides[source]! : 0),
    0,
  );
  const data = volume.data.slice();
  let target = 0;
  for (let channel = 0; channel < volume.channels; channel++) {
    for (let k = 0; k < size[2]; k++) {
      for (let j = 0; j < size[1]; j++) {
        let source = channel * count + corner + k * steps[2]! + j * steps[1]!;
        for (let i = 0; i < size[0]; i++) {
          data[target++] = volume.data[source]!;
          source += steps[0]!;
        }
      }
    }
  }
  const origin = [...originMm] as Triple;
  const newDirection = new Array<number>(9);
  for (let axis = 0; axis < 3; axis++) {
    const source = sources[axis]!;
    for (let row = 0; row < 3; row++) {
      const component = direction[row * 3 + source]!;
      newDirection[row * 3 + axis] = flipped[axis] ? -component + 0 : component;
      if (flipped[axis]) origin[row]! += component * spacingMm[source]! * (from[source]! - 1);
    }
  }
  return {
    ...volume,
    size,
    spacingMm: sources.map((source) => spacingMm[source]!) as Triple,
    originMm: origin,
    direction: newDirection,
    data,
  };
}
