import { existsSync, readFileSync } from 'node:fs';
import type { Image } from 'itk-wasm';
import { namedIn } from './companion-files.ts';
import { fromItkImage } from './itk-image.ts';
import { quietly } from './quiet-pipeline.ts';
import { Damage, refusal } from './refusal.ts';
import type { Volume } from './volume.ts';

const encodings = ['raw', 'gzip', 'gz', 'ascii', 'text', 'txt'];
const headerBytes = 1 << 16;

/** Reads MetaImage or NRRD. ITK gives up without a reason, so what can be known of one is looked for before. */
export async function readWithItk(format: 'metaImage' | 'nrrd', file: string): Promise<Volume> {
  const missing = /\.(mhd|nhdr)$/i.test(file) ? namedIn(file).find((path) => !existsSync(path)) : undefined;
  if (missing !== undefined)
    throw refusal(`its voxels lie in ${missing}, which is not there; copy it beside its header`);
  const header = readFileSync(file).subarray(0, headerBytes).toString('latin1');
  if (format === 'nrrd') requireNrrd(header);
  else if (!/^\s*(ObjectType|NDims|Comment)\s*=/m.test(header))
    throw new Damage('it does not begin with a MetaImage header');
  const { metaReadImageNode, nrrdReadImageNode } = await import('@itk-wasm/image-io');
  const reader = { metaImage: metaReadImageNode, nrrd: nrrdReadImageNode }[format];
  const read = await quietly(() => reader(file)).catch(() => null);
  if (read === null || read.couldRead !== true) {
    throw refusal(
      `ITK does not read it as ${format === 'nrrd' ? 'NRRD' : 'MetaImage'}: it is damaged, or of a kind that ITK does not know; convert it to NIfTI, or replace it with an intact copy`,
    );
  }
  return fromItkImage(read.image as Image);
}

function requireNrrd(header: string): void {
  if (!/^NRRD000\d/.test(header)) throw new Damage('it does not begin with an NRRD header');
  const encoding = /^encoding:\s*(\S+)/im.exec(header)?.[1]?.toLowerCase();
  if (encoding !== undefined && !encodings.includes(encoding)) {
    throw refusal(`its voxels are packed as ${encoding}; save it with gzip, or raw`);
  }
}
