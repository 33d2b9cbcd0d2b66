import { identityDirection, type Volume } from '../../src/imgmed/volume/volume.ts';

/** A small ball in noise-free grey, so that tests need no data from outside. */
export function sampleScan(size: Volume['size'] = [12, 10, 8], channels = 1): Volume {
  const count = size[0] * size[1] * size[2];
  const data = new Int16Array(count * channels);
  for (let index = 0; index < data.length; index++) {
    const voxel = index % count;
    data[index] = 100 * Math.floor(index / count) + (inBall(voxel, size) ? 80 : 10) + (voxel % 7);
  }
  return { ...grid(size), channels, data };
}

export function sampleMask(size: Volume['size'] = [12, 10, 8]): Volume {
  const data = Uint8Array.from({ length: size[0] * size[1] * size[2] }, (_, voxel) => (inBall(voxel, size) ? 1 : 0));
  return { ...grid(size), channels: 1, data };
}

function grid(size: Volume['size']) {
  return {
    size,
    spacingMm: [1, 2, 3] as Volume['spacingMm'],
    originMm: [5, -6, 7] as Volume['originMm'],
    direction: [...identityDirection],
  };
}

function inBall(voxel: number, [width, height, depth]: Volume['size']): boolean {
  const [i, j, k] = [voxel % width, Math.floor(voxel / width) % height, Math.floor(voxel / (width * height))];
  return Math.hypot((i - width / 2) / width, (j - height / 2) / height, (k - depth / 2) / depth) < 0.3;
}
