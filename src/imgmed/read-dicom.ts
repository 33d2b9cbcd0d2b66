import { readDicomTagsNode, readImageDicomFileSeriesNode, readSegmentationNode } from '@itk-wasm/dicom';
import { AutopilotError } from '../domain/errors.ts';
import { dicomFiles, isFolder } from './file-format.ts';
import { fromItkImage } from './itk-image.ts';
import { quietly } from './quiet-pipeline.ts';
import type { Volume } from './volume.ts';

/** What `data check` and the case list need from a DICOM file's header. */
export interface DicomTags {
  patientId: string;
  seriesUid: string;
  /** `CT`, `MR`, `SEG`, … */
  modality: string;
}

const tagNames = { patientId: '0010|0020', seriesUid: '0020|000e', modality: '0008|0060' };

/** Reads the tags of one file; throws when it is not DICOM. */
export async function readDicomTags(file: string): Promise<DicomTags> {
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
  const files = isFolder(path) ? dicomFiles(path) : [path];
  const first = files[0];
  if (first === undefined) throw new AutopilotError('image.empty', 'the folder holds no DICOM files');
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
