/** Number types of voxels, as stored in files. */
export type VoxelArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

export type Triple = [number, number, number];

/** Where voxels lie: position in mm (LPS) = origin + direction · (index · spacing). */
export interface Geometry {
  /** Voxels along i, j, k; k is 1 for an image. */
  size: Triple;
  spacingMm: Triple;
  /** Centre of voxel (0, 0, 0), millimetres, left-posterior-superior. */
  originMm: Triple;
  /** 3 × 3, row-major; column j is the unit vector along which index j grows. */
  direction: number[];
}

/** A scan or a mask. `data` is planar: i fastest, then j, k, and channels (modalities, times) slowest. */
export interface Volume extends Geometry {
  channels: number;
  data: VoxelArray;
  /** For files with a palette: the colours that `data` indexes, red, green and blue of each in turn. */
  palette?: Uint8Array;
  /** Ambiguities in the file and how they were resolved, one sentence each; `data check` reports them. */
  notes?: readonly string[];
}

export const identityDirection = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** Number of voxels in one channel. */
export function voxelCount({ size }: Pick<Geometry, 'size'>): number {
  return size[0] * size[1] * size[2];
}

/** One channel as a view, without copying. */
export function channelOf(volume: Volume, channel: number): VoxelArray {
  const count = voxelCount(volume);
  return volume.data.subarray(channel * count, (channel + 1) * count);
}

/** One channel as 32-bit floats, always a copy. */
export function floatChannel(volume: Volume, channel: number): Float32Array {
  return new Float32Array(channelOf(volume, channel));
}

/** `null` if two volumes lie on the same grid, else the first difference in words. */
export function geometryDifference(a: Geometry, b: Geometry, toleranceMm = 1e-3): string | null {
  if (a.size.some((length, axis) => length !== b.size[axis])) {
    return `sizes ${a.size.join(' × ')} and ${b.size.join(' × ')} differ`;
  }
  const far = (x: readonly number[], y: readonly number[], tolerance: number) =>
    x.some((value, index) => !(Math.abs(value - y[index]!) <= tolerance));
  if (far(a.spacingMm, b.spacingMm, toleranceMm)) {
    return `spacings ${inMm(a.spacingMm)} and ${inMm(b.spacingMm)} differ`;
  }
  if (far(a.originMm, b.originMm, toleranceMm * 10)) {
    return `origins ${inMm(a.originMm)} and ${inMm(b.originMm)} differ`;
  }
  if (far(a.direction, b.direction, 1e-3)) return 'axis directions differ';
  return null;
}

function inMm(values: readonly number[]): string {
  return `${values.map((value) => Number(value.toFixed(4))).join(' × ')} mm`;
}
