import { dirname, resolve } from 'node:path';
import { writeSegmentationNode } from '@itk-wasm/dicom';
import { AutopilotError, messageOf } from '../domain/errors.ts';
import { labelColour } from '../domain/palette.ts';
import { makeFolder } from '../protocol/files/make-folder.ts';
import { toItkImage } from './reading/itk-image.ts';
import { quietly } from './reading/quiet-pipeline.ts';
import { seriesFiles } from './reading/read-dicom.ts';
import type { Volume } from './volume/volume.ts';

export interface WriteSegmentationOptions {
  /** On the grid of the series. */
  mask: Volume;
  /** Folder (or only file) of the segmented series, which provides the patient, study and frame of reference. */
  series: string;
  /** Label values and their names; 0 is no segment. */
  labels: readonly { value: number; name: string }[];
  /** What made the mask, such as the model's name. */
  algorithm: string;
}

/** SNOMED CT's code for tissue, for all segments: a model knows the names of its classes, not their codes. */
const tissue = { CodeValue: '85756007', CodingSchemeDesignator: 'SCT', CodeMeaning: 'Tissue' };

/**
 * Writes a mask as a DICOM segmentation object (SEG) that refers to every slice of its series. Segments are numbered
 * from 1, as the standard requires, in the order of the labels present in the mask; their names identify them.
 */
export async function writeSegmentation(
  { mask, series, labels, algorithm }: WriteSegmentationOptions,
  path: string,
): Promise<void> {
  const held = new Set(mask.data as Iterable<number>);
  const segments = labels.filter(({ value }) => value !== 0 && held.has(value));
  if (segments.length === 0) {
    throw new AutopilotError(
      'image.emptySegmentation',
      `${path}: not written: nothing was segmented, but a DICOM SEG holds at least one voxel; write NIfTI to get the empty mask`,
    );
  }
  const numberOf = new Map(segments.map(({ value }, index) => [value, index + 1]));
  // The writer accepts only 16-bit integers, and fails silently on others.
  const data = Int16Array.from(mask.data, (value) => numberOf.get(value) ?? 0);
  const described = segments.map(({ name }, index) => ({
    labelID: index + 1,
    SegmentLabel: name,
    SegmentDescription: name,
    SegmentAlgorithmType: 'AUTOMATIC',
    SegmentAlgorithmName: algorithm,
    recommendedDisplayRGBValue: [...labelColour(index + 1)],
    SegmentedPropertyCategoryCodeSequence: tissue,
    SegmentedPropertyTypeCodeSequence: tissue,
  }));
  const about = {
    ContentCreatorName: 'GreScale autopilot',
    ContentLabel: 'SEGMENTATION',
    ContentDescription: algorithm.slice(0, 64),
    SeriesDescription: `Segmentation by ${algorithm}`.slice(0, 64),
    SeriesNumber: '300',
    InstanceNumber: '1',
    segmentAttributes: [described],
  };
  const target = resolve(path);
  makeFolder(dirname(target));
  const refDicomSeries = seriesFiles(resolve(series));
  try {
    await quietly(() => writeSegmentationNode(toItkImage({ ...mask, data }), about, target, { refDicomSeries }));
  } catch (error) {
    throw new AutopilotError('image.unwritable', `${path}: cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}

/** Finds the writer's errors among its warnings. */
function reasonOf(error: unknown): string {
  if (typeof error === 'number') return 'the DICOM SEG writer failed; write NIfTI';
  const lines = messageOf(error).split('\n');
  const said = lines.filter((line) => /^(E|ERROR|Error|FATAL ERROR): /.test(line));
  return (said.length > 0 ? said : lines).join(' ').trim().slice(0, 300);
}
