import { basename, dirname, join, resolve } from 'node:path';
import { AutopilotError } from '../domain/errors.ts';
import { formatOf, isFolder, stemOf } from '../imgmed/reading/file-format.ts';
import type { Volume } from '../imgmed/volume/volume.ts';
import { writeVolume } from '../imgmed/write-volume.ts';
import type { ZooModel } from '../trainer/zoo-model/zoo-model.ts';

/** How masks are written: `nifti` as `NAME.nii.gz`, `dicom` as the segmentation object `NAME.dcm`. */
export const maskFormats = ['nifti', 'dicom'] as const;
export type MaskFormat = (typeof maskFormats)[number];

/**
 * The path of each scan's mask: named after the scan, and after its folders too where scans share a name, as the
 * `images` of several cases do.
 */
export function maskPaths(scans: readonly string[], out: string, format: MaskFormat): string[] {
  const nameOf = (scan: string, levels: number): string => {
    const parts = [stemOf(basename(resolve(scan)))];
    let place = dirname(resolve(scan));
    for (let level = 0; level < levels && basename(place) !== ''; level++, place = dirname(place)) {
      parts.unshift(basename(place));
    }
    return parts.join('-');
  };
  const names = scans.map((scan) => nameOf(scan, 0));
  for (let levels = 1; levels <= 8; levels++) {
    const clashing = names.map((name) => names.filter((other) => other === name).length > 1);
    for (const [index, scan] of scans.entries()) if (clashing[index]) names[index] = nameOf(scan, levels);
  }
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0) {
    throw new AutopilotError('zoo.scans', `${scans[twice]}: is named twice; name each scan once`);
  }
  return names.map((name) => join(out, `${name}${format === 'dicom' ? '.dcm' : '.nii.gz'}`));
}

/** Refuses scans for which no DICOM segmentation can be written, before any work is done. */
export function requireSegmentable(scan: string): void {
  if (isFolder(scan) || formatOf(scan) === 'dicom') return;
  throw new AutopilotError(
    'zoo.notDicom',
    `${scan}: is not a DICOM series, and a DICOM SEG refers to the slices of one; use --masks nifti, or name the folder of its series`,
  );
}

export interface WritePredictionOptions {
  mask: Volume;
  scan: string;
  path: string;
  format: MaskFormat;
  model: Pick<ZooModel, 'name' | 'input'>;
}

export async function writePrediction({ mask, scan, path, format, model }: WritePredictionOptions): Promise<void> {
  if (format === 'nifti') return writeVolume(mask, path);
  const { classes, labelValues } = model.input!;
  const labels = classes.map((name, label) => ({ value: labelValues?.[label] ?? label, name }));
  const { writeSegmentation } = await import('../imgmed/write-segmentation.ts');
  // Class 0 is the background whatever its label value.
  return writeSegmentation({ mask, series: scan, labels: labels.slice(1), algorithm: model.name }, path);
}
