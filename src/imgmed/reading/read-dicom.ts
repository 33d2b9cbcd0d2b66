import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { assembleVolume } from '../dicom/assemble-volume.ts';
import { shortOf, textOf } from '../dicom/data-set.ts';
import { type DicomFile, isDicomFile, readDicomFile, readDicomHeader } from '../dicom/dicom-file.ts';
import { readSegmentation } from '../dicom/read-segmentation.ts';
import { slicesOf } from '../dicom/slice.ts';
import { stackSlices } from '../dicom/stack-slices.ts';
import { Damage, refusal } from '../refusal.ts';
import type { Volume } from '../volume/volume.ts';
import { dicomFiles, isFolder } from './file-format.ts';

/** What `data check` and the case list need from a DICOM file's header. */
export interface DicomTags {
  patientId: string;
  seriesUid: string;
  /** `CT`, `MR`, `SEG`, … */
  modality: string;
  /** Whether it is a picture at all. */
  hasPixels: boolean;
}

/** Reads the tags of one file; throws when it is not DICOM. */
export function readDicomTags(file: string): DicomTags {
  return tagsOf(readDicomHeader(file));
}

function tagsOf({ set }: DicomFile): DicomTags {
  return {
    patientId: textOf(set, 0x00100020),
    seriesUid: textOf(set, 0x0020000e),
    modality: textOf(set, 0x00080060),
    hasPixels: shortOf(set, 0x00280010) !== undefined,
  };
}

/** Reads one series (a folder), a segmentation object (SEG) or a single file. Labels of a SEG are its segment numbers. */
export async function readDicom(path: string): Promise<Volume> {
  const files = seriesFiles(path);
  const first = files[0]!;
  const headers = files.map((file) => ({ file, header: namingFile(file, path, () => readDicomHeader(file)) }));
  if (tagsOf(headers[0]!.header).modality === 'SEG') return readSegmentation(first, readDicomFile(first));
  const slices = headers.flatMap(({ file, header }) => namingFile(file, path, () => slicesOf(file, header.set)));
  return assembleVolume(stackSlices(slices));
}

/** In a folder, prefixes errors with the file concerned. */
function namingFile<T>(file: string, path: string, work: () => T): T {
  if (file === path) return work();
  try {
    return work();
  } catch (error) {
    if (error instanceof Damage) throw new Damage(`${file}: ${error.message}`, { cause: error });
    if (error instanceof AutopilotError) throw refusal(`${basename(file)}: ${messageOf(error)}`, error);
    throw error;
  }
}

/** No npm library fills contours as a planning system does, with holes and slices in between. */
export const contours =
  'it holds contours (RTSTRUCT), but a mask has a label for each voxel; make a mask of them with 3D Slicer, plastimatch or dcmrtstruct2nii, as NIfTI or SEG';

/**
 * The files of a folder's only series, without accompanying segmentations and plans, or the file itself. Refuses
 * several series, and a folder or file without pictures.
 */
export function seriesFiles(path: string): string[] {
  const folder = isFolder(path);
  const files = folder ? slicesAmong(dicomFiles(path)) : [path];
  if (files.length === 0) throw refusal('the folder holds no DICOM files; name the folder of a series');
  const tags = files.map((file) => ({ file, ...namingFile(file, path, () => readDicomTags(file)) }));
  const pictures = tags.filter(({ hasPixels }) => hasPixels);
  if (pictures.length === 0) {
    const { modality } = tags[0]!;
    if (modality === 'RTSTRUCT') throw refusal(contours);
    throw refusal(
      `it is ${modality === '' ? 'a DICOM file' : `DICOM of modality ${modality}`} without pixels; name a file or folder of pictures`,
    );
  }
  const scans = pictures.filter(({ modality }) => modality !== 'SEG');
  const series = [...new Set(scans.map(({ seriesUid }) => seriesUid))];
  if (series.length > 1) {
    throw refusal(
      `the folder holds ${series.length} series (${series.slice(0, 3).join(', ')}); give each a folder of its own`,
    );
  }
  if (scans.length > 0) return scans.map(({ file }) => file);
  if (pictures.length > 1)
    throw refusal(`the folder holds ${pictures.length} segmentations and no scan; name one of them`);
  return pictures.map(({ file }) => file);
}

/** Drops files that are neither DICOM nor named so, such as a licence; keeps broken ones that have a DICOM ending. */
export function slicesAmong(files: readonly string[]): string[] {
  return files.filter((file) => /\.(dcm|dicom|ima)$/i.test(file) || (statSync(file).size > 0 && isDicomFile(file)));
}
