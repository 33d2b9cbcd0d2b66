import { basename, resolve } from 'node:path';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { requirePlainFile } from '../../protocol/files/read-plain-file.ts';
import { readNifti } from '../nifti/read-nifti.ts';
import type { Volume } from '../volume/volume.ts';
import { type FileFormat, formatOf, isFolder } from './file-format.ts';
import { readWithItk } from './read-with-itk.ts';

/**
 * Reads a scan or mask: NIfTI, MetaImage, NRRD, PNG, JPEG, TIFF, a DICOM file or a folder with one DICOM series. Throws
 * `image.missing`, `image.unreadable`, `image.refused` or `image.unknownFormat`, naming the file.
 */
export async function readVolume(path: string): Promise<Volume> {
  const file = resolve(path);
  const format = isFolder(file) ? 'dicom' : formatOf(file);
  if (format === null) {
    throw new AutopilotError(
      'image.unknownFormat',
      `${path}: no image format has this ending; NIfTI (.nii, .nii.gz, .hdr), .mha, .mhd, .nrrd, .png, .jpg, .tif and DICOM (.dcm) are read`,
    );
  }
  try {
    if (!isFolder(file)) requirePlainFile(file);
    return checked(await readAs(format, file));
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): AutopilotError {
  if (error instanceof AutopilotError && error.code === 'image.refused') {
    return new AutopilotError(error.code, `${path}: ${error.message}`, { cause: error });
  }
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  if (missing) return new AutopilotError('image.missing', `${path}: there is no such file`, { cause: error });
  const reason = firstLine(typeof error === 'number' ? 'the reader failed' : messageOf(error));
  return new AutopilotError(
    'image.unreadable',
    `${path}: cannot be read: ${reason}; replace ${basename(path)} with an intact copy or remove its case`,
    { cause: error },
  );
}

/** Loads readers when a file needs them: a worker that reads only NIfTI starts in a third of the time. */
async function readAs(format: FileFormat, file: string): Promise<Volume> {
  if (format === 'dicom') return (await import('./read-dicom.ts')).readDicom(file);
  if (format === 'raster') return (await import('./read-raster.ts')).readRaster(file);
  return format === 'nifti' ? readNifti(file) : readWithItk(format, file);
}

function checked(volume: Volume): Volume {
  const { size, spacingMm, data, channels } = volume;
  const expected = size[0] * size[1] * size[2] * channels;
  if (!(expected > 0) || data.length !== expected) {
    throw new Error(`it holds ${data.length} values for ${size.join(' × ')} × ${channels}`);
  }
  if (spacingMm.some((length) => !(length > 0) || !Number.isFinite(length))) {
    throw new Error(`its voxel spacing is ${spacingMm.join(' × ')} mm`);
  }
  if (![...volume.direction, ...volume.originMm].every(Number.isFinite)) {
    throw new Error('its position or orientation is not a number');
  }
  return volume;
}

function firstLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const line = lines.find((candidate) => candidate !== '') ?? 'no reason given';
  return line.replace(/[.;:]+$/, '').slice(0, 200);
}
