/** How intensities are brought to a common scale, per scan and channel. */
export type Normalization =
  | { kind: 'none' }
  /** (v − mean) / deviation; over non-zero voxels where `nonzero` (skull-stripped scans). */
  | { kind: 'zScore'; nonzero: boolean }
  /** Percentiles `low` and `high` become 0 and 1; values beyond are clipped. */
  | { kind: 'percentile'; low: number; high: number }
  /** CT window in Hounsfield units: centre ± width / 2 becomes 0..1; values beyond are clipped. */
  | { kind: 'window'; centre: number; width: number };

/** Normalizes in place and returns the same array. A constant scan becomes all zero. */
export function normalize(data: Float32Array, how: Normalization): Float32Array {
  if (how.kind === 'none') return data;
  if (how.kind === 'zScore') return zScore(data, how.nonzero);
  const [low, high] =
    how.kind === 'window'
      ? [how.centre - how.width / 2, how.centre + how.width / 2]
      : percentiles(data, [how.low, how.high]);
  const scale = high! > low! ? 1 / (high! - low!) : 0;
  for (let index = 0; index < data.length; index++) {
    data[index] = Math.min(1, Math.max(0, (data[index]! - low!) * scale));
  }
  return data;
}

function zScore(data: Float32Array, nonzero: boolean): Float32Array {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let index = 0; index < data.length; index++) {
    const value = data[index]!;
    if (nonzero && value === 0) continue;
    count += 1;
    sum += value;
    squares += value * value;
  }
  const mean = count === 0 ? 0 : sum / count;
  const deviation = Math.sqrt(Math.max(0, count === 0 ? 0 : squares / count - mean * mean));
  const scale = deviation > 1e-12 * Math.max(1, Math.abs(mean)) ? 1 / deviation : 0;
  for (let index = 0; index < data.length; index++) data[index] = (data[index]! - mean) * scale;
  return data;
}

/** Percentiles (0..100) with linear interpolation between the closest ranks (numpy's default). */
export function percentiles(data: Float32Array | Float64Array, wanted: readonly number[]): number[] {
  const sorted = data.slice().sort();
  return wanted.map((percent) => {
    const rank = ((sorted.length - 1) * percent) / 100;
    const below = Math.floor(rank);
    const above = Math.min(sorted.length - 1, below + 1);
    return sorted[below]! + (sorted[above]! - sorted[below]!) * (rank - below);
  });
}
