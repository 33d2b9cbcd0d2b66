import { readDicomTagsNode, readImageDicomFileSeriesNode, readSegmentationNode } from '@itk-wasm/dicom';
import { AutopilotError } from '../domain/errors.ts';
import { dicomFiles, isFolder } from './file-format.ts';
import { type DicomHeader, inspectDicom, readDicomHeader } from './inspect-dicom.ts';
import { fromItkImage } from './itk-image.ts';
import { quietly } from './quiet-pipeline.ts';
import type { Volume } from './volume.ts';

/** What `data check` and the case list need from a DICOM file's header. */
export type DicomTags = Pick<DicomHeader, 'patientId' | 'seriesUid' | 'modality'>;

const tagNames = { patientId: '0010|0020', seriesUid: '0020|000e', modality: '0008|0060' };

/** Reads the tags of one file; throws when it is not DICOM. */
export async function readDicomTags(file: string): Promise<DicomTags> {
  const header = readDicomHeader(file);
  if (header !== null) return header;
  const { tags } = await quietly(() => readDicomTagsNode(file, { tagsToRead: { tags: Object.values(tagNames) } }));
  const found = new Map(tags as [string, string][]);
  const value = (tag: string) => (found.get(tag) ?? '').trim();
  return {
    patientId: value(tagNames.patientId),
    seriesUid: value(tagNames.seriesUid),
    modality: value(tagNames.modality),
  };
}

/** Reads one series (a folder), a segmentation object (SEG) or a single file. Labels of a SEG are its segment numbers. */
export async function readDicom(path: string): Promise<Volume> {
  const files = seriesFiles(path);
  const first = files[0]!;
  const { modality } = await readDicomTags(first);
  if (modality === 'SEG') {
    const { segImage } = await quietly(() => readSegmentationNode(first));
    return fromItkImage(segImage);
  }
  const { outputImage } = await quietly(() =>
    readImageDicomFileSeriesNode({ inputImages: files, singleSortedSeries: false }),
  );
  return fromItkImage(outputImage);
}

/**
 * The files of the one series in a folder, without segmentations beside it; or the file itself. Refuses a mixture:
 * ITK would take one of the series and say nothing.
 */
export function seriesFiles(path: string): string[] {
  const files = isFolder(path) ? dicomFiles(path) : [path];
  if (files.length === 0) throw new AutopilotError('image.empty', 'the folder holds no DICOM files');
  const inspected = files.map(inspectDicom);
  const headers = inspected.map(({ header }) => header);
  for (const [index, { problem }] of inspected.entries()) {
    if (problem !== null) throw new AutopilotError('image.damaged', `${files[index]}: ${problem}`);
  }
  const scans = files.filter((_, index) => headers[index]?.modality !== 'SEG');
  const series = new Set(
    headers.flatMap((header) => (header === null || header.modality === 'SEG' ? [] : header.seriesUid)),
  );
  if (series.size > 1) {
    throw new AutopilotError(
      'image.mixedSeries',
      `the folder holds ${series.size} series (${[...series].slice(0, 3).join(', ')}); give each a folder of its own`,
    );
  }
  return scans.length > 0 ? scans : files;
}
