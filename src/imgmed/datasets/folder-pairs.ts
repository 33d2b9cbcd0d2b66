import { basename, join, resolve } from 'node:path';
import { imageFiles, isFolder, stemOf } from '../file-format.ts';
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
  return {
    layout: 'pairs',
    name: basename(resolve(folder)),
    channels: [],
    labels: [],
    licence: '',
    cases,
    refused: [],
    problems,
  };
}
