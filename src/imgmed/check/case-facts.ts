import { percentiles } from '../volume/normalize.ts';
import { orientationOf } from '../volume/orientation.ts';
import { channelOf, type Triple, type Volume, type VoxelArray, voxelCount } from '../volume/volume.ts';
import { voxelHash } from '../volume/voxel-hash.ts';

/** Statistics of the finite voxels of one channel, in the file's units; NaN when there are none. */
export interface Intensities {
  min: number;
  /** `low`, `median` and `high` are percentiles of at most `mostSorted` evenly spaced voxels. */
  low: number;
  median: number;
  high: number;
  max: number;
  mean: number;
  sd: number;
}

/** Numeric summary of a scan. */
export interface ScanFacts {
  orientation: string;
  spacingMm: Triple;
  size: Triple;
  channels: number;
  /** Per channel, over all voxels and over those with a non-zero mask value; null without a mask of the scan's size. */
  intensities: { all: Intensities; foreground: Intensities | null }[];
  hash: string;
}

/** Voxel count of each label value, in ascending order; null with more than `mostLabels` values. */
export type LabelCounts = { value: number; voxels: number }[] | null;

export const mostLabels = 1000;
const mostSorted = 1_000_000;
/** Percentiles of nnU-Net's data-set fingerprint; values outside them are outliers. */
const fingerprint = [0.5, 50, 99.5];

export function scanFacts(scan: Volume, mask: Volume | null): ScanFacts {
  const { size, spacingMm, channels } = scan;
  const inside = mask !== null && mask.data.length === voxelCount(scan) ? mask.data : null;
  const intensities = Array.from({ length: channels }, (_, channel) => {
    const voxels = channelOf(scan, channel);
    return { all: intensitiesOf(voxels, null), foreground: inside === null ? null : intensitiesOf(voxels, inside) };
  });
  return {
    orientation: orientationOf(scan),
    spacingMm: [...spacingMm],
    size: [...size],
    channels,
    intensities,
    hash: voxelHash(scan),
  };
}

export function labelCounts({ data }: Volume): LabelCounts {
  const counts = new Map<number, number>();
  for (let index = 0; index < data.length; index++) {
    counts.set(data[index]!, (counts.get(data[index]!) ?? 0) + 1);
    if (counts.size > mostLabels) return null;
  }
  return [...counts].map(([value, voxels]) => ({ value, voxels })).sort((a, b) => a.value - b.value);
}

function intensitiesOf(voxels: VoxelArray, inside: VoxelArray | null): Intensities {
  const counts = (index: number) => Number.isFinite(voxels[index]) && (inside === null || inside[index] !== 0);
  let [n, min, max, sum] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let index = 0; index < voxels.length; index++) {
    if (!counts(index)) continue;
    const value = voxels[index]!;
    n += 1;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (n === 0) {
    const none = Number.NaN;
    return { min: none, low: none, median: none, high: none, max: none, mean: none, sd: none };
  }
  const mean = sum / n;
  const taken = new Float64Array(Math.min(n, mostSorted));
  let [seen, used, squares] = [0, 0, 0];
  for (let index = 0; index < voxels.length; index++) {
    if (!counts(index)) continue;
    const value = voxels[index]!;
    squares += (value - mean) ** 2;
    if (used < taken.length && seen >= Math.floor((used * n) / taken.length)) taken[used++] = value;
    seen += 1;
  }
  const [low, median, high] = percentiles(taken, fingerprint) as [number, number, number];
  return { min, low, median, high, max, mean, sd: Math.sqrt(squares / n) };
}
