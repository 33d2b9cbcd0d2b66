import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeImageNode } from '@itk-wasm/image-io';
import sharp from 'sharp';
import { randomFor } from '../../src/imgmed/random.ts';
import { toItkImage } from '../../src/imgmed/reading/itk-image.ts';
import { writeVolume } from '../../src/imgmed/write-volume.ts';
import { sampleScan } from './sample-volume.ts';

const endings = ['nii', 'nii.gz', 'mha', 'nrrd', 'png', 'jpg', 'tif', 'dcm'];

/** One intact file of each format; the DICOM one is a single slice. */
export async function writeIntactFiles(folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const scan = sampleScan();
  for (const ending of ['nii', 'nii.gz', 'mha', 'nrrd']) await writeVolume(scan, join(folder, `scan.${ending}`));
  const grey = Uint8Array.from({ length: 24 * 20 }, (_, index) => (index * 7) % 256);
  const picture = sharp(grey, { raw: { width: 24, height: 20, channels: 1 } });
  for (const ending of ['png', 'jpg', 'tif']) await picture.clone().toFile(join(folder, `scan.${ending}`));
  const slice = sampleScan([16, 12, 1]);
  await writeImageNode(toItkImage({ ...slice, data: Uint16Array.from(slice.data) }), join(folder, 'scan.dcm'));
  return endings.map((ending) => join(folder, `scan.${ending}`));
}

/** `count` damaged copies: cut off, bits flipped anywhere, or bytes of the first 400 overwritten; seeded. */
export function writeDamagedFiles(intact: readonly string[], folder: string, count: number, seed: number): string[] {
  mkdirSync(folder, { recursive: true });
  const random = randomFor(seed, 'damage');
  const below = (limit: number) => Math.floor(random() * limit);
  return Array.from({ length: count }, (_, number) => {
    const ending = endings[number % endings.length]!;
    const bytes = readFileSync(intact[number % intact.length]!);
    const kind = below(3);
    let damaged = Buffer.from(bytes);
    if (kind === 0) damaged = damaged.subarray(0, below(damaged.length));
    const changes = kind === 0 ? 0 : 1 + below(8);
    for (let change = 0; change < changes; change++) {
      const at = below(kind === 1 ? damaged.length : Math.min(400, damaged.length));
      damaged[at] = kind === 1 ? damaged[at]! ^ (1 << below(8)) : below(256);
    }
    const path = join(folder, `damaged-${number}.${ending}`);
    writeFileSync(path, damaged);
    return path;
  });
}
