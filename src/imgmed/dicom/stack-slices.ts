import { refusal } from '../refusal.ts';
import { type Geometry, identityDirection, type Triple } from '../volume/volume.ts';
import { normalOf, type Slice } from './slice.ts';

/** Slices in spatial order, and the grid they form. */
export interface Stack {
  slices: Slice[];
  geometry: Geometry;
  notes: string[];
}

/** More than the rounding of directions written with six digits. */
const directionTolerance = 1e-3;
/** Tolerance for a slice's place on the even grid, as a fraction of the distance; positions often have one decimal. */
const evenness = 0.1;
/** Tangent of the largest accepted angle between the stack and its slices' normal; beyond it, the gantry was tilted. */
const largestTilt = 0.01;

/** Checks that slices form one volume: one orientation, one size, even distances. Refusals name the offenders. */
export function stackSlices(slices: readonly Slice[]): Stack {
  const first = slices[0]!;
  requireAlike(slices);
  const notes: string[] = [];
  const pixelSpacing = first.pixelSpacing ?? [1, 1];
  if (first.pixelSpacing === null) notes.push('its header gives no pixel spacing; pixels count as 1 mm');
  if (slices.length === 1) {
    const thickness = first.thicknessMm ?? 1;
    const columnsAndRows = first.orientation;
    const direction =
      columnsAndRows === null ? identityDirection : directionOf(columnsAndRows, normalOf(columnsAndRows));
    return { slices: [first], geometry: gridOf(first, 1, pixelSpacing, thickness, [...direction]), notes };
  }
  const { orientation } = first;
  if (orientation === null || slices.some(({ position }) => position === null)) {
    const what = slices.every(({ file }) => file === first.file) ? 'frames' : 'slices';
    throw refusal(
      `its ${slices.length} ${what} have no positions (${what === 'frames' ? 'a film, or a stack of unknown spacing' : 'ImagePositionPatient'}), so they do not form a volume; convert what belongs together to NIfTI, or give each picture a file of its own`,
    );
  }
  const normal = normalOf(orientation);
  const height = ({ position }: Slice) => normal.reduce((sum, n, row) => sum + n * position![row]!, 0);
  const sorted = [...slices].sort((a, b) => height(a) - height(b));
  const heights = sorted.map(height);
  requireOnce(sorted, heights);
  requireEven(sorted, heights);
  const last = sorted.at(-1)!;
  const step = last.position!.map((value, row) => (value - sorted[0]!.position![row]!) / (sorted.length - 1)) as Triple;
  const distance = Math.hypot(...step);
  const axis = straightAxis(sorted, step, normal);
  return {
    slices: sorted,
    geometry: gridOf(sorted[0]!, sorted.length, pixelSpacing, distance, directionOf(orientation, axis)),
    notes,
  };
}

function gridOf(
  first: Slice,
  count: number,
  [rows, columns]: [number, number],
  distance: number,
  direction: number[],
): Geometry {
  return {
    size: [first.columns, first.rows, count],
    spacingMm: [columns, rows, distance],
    originMm: first.position ?? [0, 0, 0],
    direction,
  };
}

/** Matrix whose columns point along a row, along a column, and from slice to slice. */
function directionOf(orientation: readonly number[], axis: Triple): number[] {
  return [0, 1, 2].flatMap((row) => [orientation[row]!, orientation[3 + row]!, axis[row]!]);
}

function requireAlike(slices: readonly Slice[]): void {
  const first = slices[0]!;
  for (const slice of slices) {
    const sizes = [first, slice].map(
      ({ rows, columns, samples }) => `${columns} × ${rows}${samples > 1 ? ` × ${samples}` : ''}`,
    );
    if (sizes[0] !== sizes[1]) throw unlike(first, slice, `have ${sizes[0]} and ${sizes[1]} pixels`);
    if (first.zeroIsWhite !== slice.zeroIsWhite) {
      throw unlike(first, slice, 'have opposite grey scales (MONOCHROME2 and MONOCHROME1)');
    }
    if (far(first.pixelSpacing, slice.pixelSpacing, 1e-3)) {
      throw unlike(
        first,
        slice,
        `have pixels of ${first.pixelSpacing?.join(' × ')} and ${slice.pixelSpacing?.join(' × ')} mm`,
      );
    }
    if (far(first.orientation, slice.orientation, directionTolerance)) {
      throw unlike(first, slice, 'have different orientations, as in a localizer');
    }
  }
}

function far(a: readonly number[] | null, b: readonly number[] | null, tolerance: number): boolean {
  if (a === null || b === null) return a !== b;
  return a.some((value, index) => !(Math.abs(value - b[index]!) <= tolerance));
}

function unlike(a: Slice, b: Slice, what: string): Error {
  return refusal(
    `${a.name} and ${b.name} ${what}, so they cannot be slices of one volume; give each a folder of its own`,
  );
}

/** Refuses slices at the same place: times, echoes, diffusion directions, magnitude beside phase, or copies. */
function requireOnce(sorted: readonly Slice[], heights: readonly number[]): void {
  const distances = heights.slice(1).map((height, n) => height - heights[n]!);
  const typical = median(distances.filter((distance) => distance > 1e-3));
  const same = distances.flatMap((distance, n) => (distance <= Math.max(1e-3, 0.01 * typical) ? [n] : []));
  if (same[0] === undefined) return;
  const places = sorted.length - same.length;
  const [a, b] = [sorted[same[0]]!, sorted[same[0] + 1]!];
  const differing = [...a.marks.keys()].flatMap((name) => {
    const values = [...new Set(sorted.map(({ marks }) => marks.get(name) ?? ''))];
    return values.length > 1 ? [`${name} ${values.slice(0, 4).join(', ')}${values.length > 4 ? ', …' : ''}`] : [];
  });
  const apart =
    differing.length === 0
      ? 'remove copies, or give each time, direction or echo a folder of its own'
      : `they differ in ${differing.slice(0, 3).join('; ')}; give each volume a folder of its own, or convert them with dcm2niix`;
  throw refusal(
    `it holds ${sorted.length} slices at ${places} places: ${a.name} and ${b.name} are at the same one; ${apart}`,
  );
}

function requireEven(sorted: readonly Slice[], heights: readonly number[]): void {
  const distances = heights.slice(1).map((height, n) => height - heights[n]!);
  const usual = median(distances);
  const mean = (heights.at(-1)! - heights[0]!) / distances.length;
  const odd = distances.findIndex((distance) => Math.abs(distance - usual) > 2 * evenness * usual);
  const off = heights.findIndex((height, n) => Math.abs(height - heights[0]! - n * mean) > evenness * mean);
  if (odd < 0 && off < 0) return;
  const where = odd < 0 ? Math.max(0, off - 1) : odd;
  const found = distances[where]!;
  const missing = Math.abs(found / usual - Math.round(found / usual)) < evenness && found > 1.5 * usual;
  const advice = missing
    ? `${Math.round(found / usual) - 1} missing; add them, or split the series there`
    : 'split the series there, or resample it onto an even grid';
  throw refusal(
    `its slices are not evenly spaced: ${sorted[where]!.name} and ${sorted[where + 1]!.name} are ${mm(found)} apart, others ${mm(usual)}; ${advice}`,
  );
}

/** The direction from slice to slice, which must nearly be the normal. */
function straightAxis(sorted: readonly Slice[], step: Triple, normal: Triple): Triple {
  const length = Math.hypot(...step);
  const cosine = step.reduce((sum, value, row) => sum + (value / length) * normal[row]!, 0);
  const tangent = Math.sqrt(Math.max(0, 1 - cosine * cosine)) / cosine;
  if (tangent > largestTilt) {
    const degrees = ((Math.atan(tangent) * 180) / Math.PI).toFixed(1);
    throw refusal(
      `its slices are shifted against each other by ${degrees}°, as with a tilted gantry (${sorted[0]!.name} to ${sorted.at(-1)!.name}); convert it with dcm2niix, which straightens it`,
    );
  }
  for (const [n, { position, name }] of sorted.entries()) {
    const away = position!.map((value, row) => value - sorted[0]!.position![row]! - n * step[row]!);
    const across = Math.hypot(
      ...away.map((value, row) => value - away.reduce((sum, v, r) => sum + v * normal[r]!, 0) * normal[row]!),
    );
    if (across > evenness * length)
      throw refusal(`${name} is shifted sideways by ${mm(across)} against its series; remove or replace it`);
  }
  return tangent < 1e-5 ? normal : (step.map((value) => value / length) as Triple);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

function mm(value: number): string {
  return `${Number(value.toFixed(3))} mm`;
}
