import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { writeImageNode } from '@itk-wasm/image-io';
import { AutopilotError, messageOf } from '../domain/errors.ts';
import { toItkImage } from './itk-image.ts';
import { quietly } from './quiet-pipeline.ts';
import type { Volume } from './volume.ts';

/** Writes NIfTI, MetaImage or NRRD by the file's ending, compressed where the format can. */
export async function writeVolume(volume: Volume, path: string): Promise<void> {
  mkdirSync(dirname(resolve(path)), { recursive: true });
  try {
    await quietly(() => writeImageNode(toItkImage(volume), resolve(path), { useCompression: true }));
  } catch (error) {
    throw new AutopilotError('image.unwritable', `${path}: cannot be written: ${messageOf(error)}`, { cause: error });
  }
}
