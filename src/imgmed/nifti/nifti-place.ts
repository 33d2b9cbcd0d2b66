import { Damage, refusal } from '../refusal.ts';
import type { Geometry, Triple } from '../volume/volume.ts';
import type { NiftiHeader } from './nifti-header.ts';

/** Cosine between two axes above which they count as sheared. */
const largestShear = 0.01;
const mmPerUnit: Record<number, number> = { 1: 1000, 3: 1e-3 };

/**
 * Position of the voxels, chosen as in nibabel: by the sform if it has a code, else by the qform if it has one, else by
 * the spacing alone. Converted from NIfTI's RAS to LPS. Ambiguities in the header become notes.
 */
export function niftiPlace(
  header: NiftiHeader,
  size: Triple,
): Pick<Geometry, 'spacingMm' | 'originMm' | 'direction'> & { notes: string[] } {
  const notes: string[] = [];
  const { sformCode, qformCode } = header;
  const pixdim = header.pixdim.slice(1, 4).map(Math.abs);
  const usable = pixdim.every((length) => length > 0 && Number.isFinite(length));
  const scale = mmPerUnit[header.spaceUnit] ?? 1;
  let matrix: number[][];
  if (sformCode > 0) {
    matrix = header.sform;
    const lengths = [0, 1, 2].map((axis) => lengthOf(matrix, axis));
    if (pixdim.some((length, axis) => !(Math.abs(length - lengths[axis]!) <= 1e-3 * lengths[axis]! + 1e-4))) {
      notes.push(
        `its pixdim gives a spacing of ${shown(pixdim)} but its sform ${shown(lengths)}; the sform is used, as in nibabel`,
      );
    } else if (qformCode > 0 && !agree(matrix, qform(header, pixdim), lengths, size)) {
      notes.push('its sform and its qform give different places; the sform is used, as in nibabel, FSL and SPM');
    }
  } else {
    if (!usable) throw new Damage(`its voxel spacing is ${header.pixdim.slice(1, 4).join(' × ')} mm`);
    matrix = qformCode > 0 ? qform(header, pixdim) : centred(pixdim, size);
    if (qformCode <= 0)
      notes.push(
        'neither its sform nor its qform has a code, so its position and its left side are unknown; only the spacing is used',
      );
  }
  const spacing = [0, 1, 2].map((axis) => lengthOf(matrix, axis));
  if (!spacing.every((length) => length > 0 && Number.isFinite(length))) {
    throw new Damage(`its affine gives a voxel spacing of ${spacing.join(' × ')} mm`);
  }
  const direction = [0, 1, 2].flatMap((row) =>
    [0, 1, 2].map((axis) => ((row < 2 ? -1 : 1) * matrix[row]![axis]!) / spacing[axis]! + 0),
  );
  const shear = shearOf(direction);
  if (shear > largestShear) {
    const degrees = ((Math.asin(Math.min(1, shear)) * 180) / Math.PI).toFixed(1);
    throw refusal(
      `its axes are sheared by ${degrees}°; resample it onto a straight grid (for example nibabel.processing.resample_to_output)`,
    );
  }
  return {
    spacingMm: spacing.map((length) => length * scale) as Triple,
    originMm: [0, 1, 2].map((row) => (row < 2 ? -1 : 1) * matrix[row]![3]! * scale + 0) as Triple,
    direction,
    notes,
  };
}

function lengthOf(matrix: readonly number[][], axis: number): number {
  return Math.hypot(...[0, 1, 2].map((row) => matrix[row]![axis]!));
}

/** The affine of the quaternion (nifti1.h, method 2). */
function qform({ quaternion: [b, c, d], qoffset, pixdim }: NiftiHeader, spacing: readonly number[]): number[][] {
  const square = 1 - (b * b + c * c + d * d);
  let [a, x, y, z] = [Math.sqrt(Math.max(0, square)), b, c, d];
  if (square < 1e-7) {
    const length = Math.hypot(b, c, d) || 1;
    [a, x, y, z] = [0, b / length, c / length, d / length];
  }
  const qfac = pixdim[0]! < 0 ? -1 : 1;
  const rotation = [
    [a * a + x * x - y * y - z * z, 2 * (x * y - a * z), 2 * (x * z + a * y)],
    [2 * (x * y + a * z), a * a + y * y - x * x - z * z, 2 * (y * z - a * x)],
    [2 * (x * z - a * y), 2 * (y * z + a * x), a * a + z * z - y * y - x * x],
  ];
  return rotation.map((row, r) => [
    row[0]! * spacing[0]!,
    row[1]! * spacing[1]!,
    row[2]! * spacing[2]! * qfac,
    qoffset[r]!,
  ]);
}

/** nibabel's affine for a header without one: the x index grows to the left, and the centre is at 0. */
function centred(spacing: readonly number[], size: Triple): number[][] {
  return [0, 1, 2].map((row) => {
    const step = row === 0 ? -spacing[row]! : spacing[row]!;
    return [0, 1, 2, 3].map((column) => (column === row ? step : column === 3 ? (-step * (size[row]! - 1)) / 2 : 0));
  });
}

/** Whether two affines place every corner of the volume within a twentieth of a voxel of each other. */
function agree(a: readonly number[][], b: readonly number[][], spacing: readonly number[], size: Triple): boolean {
  const tolerance = 0.05 * Math.min(...spacing);
  return [0, 1, 2, 3, 4, 5, 6, 7].every((corner) =>
    [0, 1, 2].every((row) => {
      const at = (matrix: readonly number[][]) =>
        [0, 1, 2].reduce(
          (sum, axis) => sum + ((corner >> axis) & 1 ? matrix[row]![axis]! * (size[axis]! - 1) : 0),
          matrix[row]![3]!,
        );
      return Math.abs(at(a) - at(b)) <= tolerance;
    }),
  );
}

/** The largest cosine between two axes. */
export function shearOf(direction: readonly number[]): number {
  let largest = 0;
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const) {
    const cosine = [0, 1, 2].reduce((sum, row) => sum + direction[row * 3 + a]! * direction[row * 3 + b]!, 0);
    largest = Math.max(largest, Math.abs(cosine));
  }
  return largest;
}

function shown(values: readonly number[]): string {
  return `${values.map((value) => Number(value.toFixed(4))).join(' × ')} mm`;
}
