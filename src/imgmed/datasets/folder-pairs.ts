import { basename, join, resolve } from 'node:path';
import { dicomFiles, imageFiles, isFolder, listFolder, stemOf } from '../file-format.ts';
import { readDicomHeader } from '../inspect-dicom.ts';
import { type CaseList, datasetError, type ScanCase } from './case-list.ts';

const imageFolders = ['images', 'image', 'imagesTr', 'scans', 'img', 'imgs'];
const maskFolders = ['masks', 'mask', 'labels', 'labelsTr', 'label', 'annotations', 'segmentations', 'seg'];
const maskSuffix = /[_-](mask|label|labels|seg|segmentation|gt)$/i;

/** Reads `images/` + `masks/` with equal names (in any image format), or one folder with `a.png` + `a_mask.png`. */
export function readPairs(folder: string): CaseList {
  const images = imageFolders.map((name) => join(folder, name)).find(isFolder);
  const masks = maskFolders.map((name) => join(folder, name)).find(isFolder);
  const problems: string[] = [];
  const files = images === undefined ? imageFiles(folder) : imageFiles(images);
  const isMask = (path: string) => images === undefined && maskSuffix.test(stemOf(path));
  const byName = new Map<string, string>();
  for (const path of masks === undefined ? files.filter(isMask) : imageFiles(masks)) {
    byName.set(stemOf(path).replace(maskSuffix, ''), resolve(path));
  }
  const scans = files.filter((path) => !isMask(path));
  if (scans.length === 0) {
    throw datasetError(
      folder,
      'holds no images; expected dataset.json (Decathlon, nnU-Net), images/ with masks/, NAME with NAME_mask, or folders of DICOM files',
    );
  }
  const cases: ScanCase[] = scans.map((path) => {
    const id = stemOf(path);
    const mask = byName.get(id) ?? null;
    if (mask === null) problems.push(`${basename(path)} has no mask of the same name; add it or remove the image`);
    byName.delete(id);
    return { id, patient: id, images: [resolve(path)], mask, part: null };
  });
  for (const path of byName.values())
    problems.push(`${basename(path)} has no image of the same name; add it or remove the mask`);
  return { layout: 'pairs', name: basename(resolve(folder)), channels: [], labels: [], licence: '', cases, problems };
}

/**
 * Reads a folder of case folders with DICOM: `CASE/images/*.dcm` with `CASE/mask.nii.gz` or `CASE/seg.dcm`, or the
 * series straight in `CASE/` beside its mask. The patient is the one that the files name.
 */
export async function readDicomFolders(folder: string): Promise<CaseList> {
  const problems: string[] = [];
  const cases: ScanCase[] = [];
  for (const id of listFolder(folder)) {
    const place = join(folder, id);
    if (id.startsWith('.') || !isFolder(place)) continue;
    const found = await dicomCase(place, id, problems);
    if (found !== null) cases.push(found);
  }
  if (cases.length === 0) throw datasetError(folder, `holds no case folder with a DICOM series${said(problems)}`);
  return { layout: 'dicom', name: basename(resolve(folder)), channels: [], labels: [], licence: '', cases, problems };
}

function said(problems: readonly string[]): string {
  return problems.length === 0 ? '' : ` (${problems.join('; ')})`;
}

async function dicomCase(place: string, id: string, problems: string[]): Promise<ScanCase | null> {
  const folders = [
    place,
    ...listFolder(place)
      .map((name) => join(place, name))
      .filter(isFolder),
  ];
  let series: { path: string; patient: string } | null = null;
  let mask = folders.flatMap(imageFiles).find((path) => !path.toLowerCase().endsWith('.dcm')) ?? null;
  for (const candidate of folders) {
    const files = dicomFiles(candidate);
    const scans: string[] = [];
    // Headers that only a whole DICOM reader understands take a third of a second each, so of those two are enough.
    const asked = files.filter((file, n) => n === 0 || n === files.length - 1 || readDicomHeader(file) !== null);
    for (const file of asked) {
      try {
        const { readDicomTags } = await import('../read-dicom.ts');
        const { modality, patientId } = await readDicomTags(file);
        if (modality === 'SEG') mask ??= resolve(file);
        else {
          scans.push(file);
          series ??= { path: resolve(candidate), patient: patientId || id };
        }
      } catch {
        problems.push(`${join(id, basename(file))} is no DICOM file; remove it from the series`);
      }
    }
  }
  if (series === null) return null;
  if (mask === null) problems.push(`case ${id} has no mask (SEG or NIfTI) beside its series; add it`);
  return { id, patient: series.patient, images: [series.path], mask: mask === null ? null : resolve(mask), part: null };
}
