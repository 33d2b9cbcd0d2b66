import { createHash } from 'node:crypto';
import type { Volume } from './volume.ts';

const atATime = 2 ** 20;

/** SHA-256 over a volume's size and its voxels as 32-bit floats: the same for the same scan, whatever its file stores. */
export function voxelHash({ data, size }: Volume): string {
  const hash = createHash('sha256').update(size.join());
  for (let from = 0; from < data.length; from += atATime) {
    const part = Float32Array.from(data.subarray(from, from + atATime));
    hash.update(new Uint8Array(part.buffer));
  }
  return hash.digest('hex');
}
