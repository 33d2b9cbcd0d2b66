import { existsSync, readFileSync } from 'node:fs';
import type { Image } from 'itk-wasm';
import { Damage, refusal } from '../refusal.ts';
import type { Triple, Volume } from '../volume/volume.ts';
import { namedIn } from './companion-files.ts';
import { fromItkImage } from './itk-image.ts';
import { quietly } from './quiet-pipeline.ts';

const encodings = ['raw', 'gzip', 'gz', 'ascii', 'text', 'txt'];
const headerBytes = 1 << 16;

/** Reads MetaImage or NRRD. ITK fails without giving a reason, so known problems are checked first. */
export async function readWithItk(format: 'metaImage' | 'nrrd', file: string): Promise<Volume> {
  const missing = /\.(mhd|nhdr)$/i.test(file) ? namedIn(file).find((path) => !existsSync(path)) : undefined;
  if (missing !== undefined)
    throw refusal(`its voxels are in ${missing}, which does not exist; copy it beside its header`);
  const header = readFileSync(file).subarray(0, headerBytes).toString('latin1');
  if (format === 'nrrd') requireNrrd(header);
  else if (!/^\s*(ObjectType|NDims|Comment)\s*=/m.test(header))
    throw new Damage('it does not begin with a MetaImage header');
  const { metaReadImageNode, nrrdReadImageNode } = await import('@itk-wasm/image-io');
  const reader = { metaImage: metaReadImageNode, nrrd: nrrdReadImageNode }[format];
  const read = await quietly(() => reader(file)).catch(() => null);
  if (read === null || read.couldRead !== true) {
    throw refusal(
      `ITK cannot read it as ${format === 'nrrd' ? 'NRRD' : 'MetaImage'}: it is damaged, or in a format ITK does not support; convert it to NIfTI, or replace it with an intact copy`,
    );
  }
  const volume = fromItkImage(read.image as Image);
  return format === 'nrrd' ? placedInSpace(volume, header) : volume;
}

/**
 * Signs of x and y that bring ITK's result for a space to LPS: ITK mirrors LAS, and leaves spaces with time unchanged.
 */
const signs: Record<string, [number, number]> = {
  'left-posterior-superior': [1, 1],
  lps: [1, 1],
  'right-anterior-superior': [1, 1],
  ras: [1, 1],
  'left-anterior-superior': [-1, -1],
  las: [-1, -1],
  'left-posterior-superior-time': [1, 1],
  lpst: [1, 1],
  'right-anterior-superior-time': [-1, -1],
  rast: [-1, -1],
  'left-anterior-superior-time': [1, -1],
  last: [1, -1],
};

function placedInSpace(volume: Volume, header: string): Volume {
  const space = /^space:\s*(\S.*?)\s*$/im.exec(header)?.[1];
  if (space === undefined) return volume;
  const sign = signs[space.toLowerCase()];
  if (sign === undefined) {
    const note = `its space is ${space}, which does not define the patient's sides; its axes are taken as left, posterior, superior`;
    return { ...volume, notes: [note] };
  }
  const [x, y] = sign;
  const rows = [x, y, 1];
  return {
    ...volume,
    originMm: volume.originMm.map((value, row) => rows[row]! * value + 0) as Triple,
    direction: volume.direction.map((value, index) => rows[Math.floor(index / 3)]! * value + 0),
  };
}

function requireNrrd(header: string): void {
  if (!/^NRRD000\d/.test(header)) throw new Damage('it does not begin with an NRRD header');
  const encoding = /^encoding:\s*(\S+)/im.exec(header)?.[1]?.toLowerCase();
  if (encoding !== undefined && !encodings.includes(encoding)) {
    throw refusal(`its voxels are packed as ${encoding}; save it with gzip, or raw`);
  }
  if (/^data ?file:\s*(LIST|.*%\d*d)/im.test(header))
    throw refusal('its voxels are in several files, which ITK does not read; save it as one file');
}
