import { createHash } from 'node:crypto';
import { reorient } from './orientation.ts';
import type { Volume } from './volume.ts';

const atATime = 2 ** 20;

/**
 * SHA-256 of a volume's size and its voxels as 32-bit floats, reoriented to LPS: the same for the same scan, whatever
 * the number type and order of voxels in its file.
 */
export function voxelHash(volume: Volume): string {
  const { data, size } = reorient(volume, 'LPS');
  const hash = createHash('sha256').update(size.join());
  for (let from = 0; from < data.length; from += atATime) {
    const part = Float32Array.from(data.subarray(from, from + atATime));
    hash.update(new Uint8Array(part.buffer));
  }
  return hash.digest('hex');
}
