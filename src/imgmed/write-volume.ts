import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AutopilotError, messageOf } from '../domain/errors.ts';
import { makeFolder } from '../protocol/files/make-folder.ts';
import { niftiBytes } from './nifti/write-nifti.ts';
import { formatOf } from './reading/file-format.ts';
import { toItkImage } from './reading/itk-image.ts';
import { quietly } from './reading/quiet-pipeline.ts';
import type { Volume } from './volume/volume.ts';

/** Writes NIfTI, MetaImage or NRRD by the file's ending, with the volume's affine; all but `.nii` are compressed. */
export async function writeVolume(volume: Volume, path: string): Promise<void> {
  makeFolder(dirname(resolve(path)));
  try {
    if (formatOf(path) === 'nifti') return writeFileSync(path, niftiBytes(volume, path.endsWith('.gz')));
    const { writeImageNode } = await import('@itk-wasm/image-io');
    await quietly(() => writeImageNode(toItkImage(volume), resolve(path), { useCompression: true }));
  } catch (error) {
    throw new AutopilotError('image.unwritable', `${path}: cannot be written: ${messageOf(error)}`, { cause: error });
  }
}
