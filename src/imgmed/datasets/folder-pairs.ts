import { basename, join, resolve } from 'node:path';
import { formatOf, imageFiles, isFolder, listFolder, stemOf } from '../file-format.ts';
import { type CaseList, datasetError, type ScanCase } from './case-list.ts';

const imageFolders = ['images', 'image', 'imagesTr', 'scans', 'img', 'imgs'];
const maskFolders = ['masks', 'mask', 'labels', 'labelsTr', 'label', 'annotations', 'segmentations', 'seg'];
const maskSuffix = /[_-](mask|label|labels|seg|segmentation|gt)$/i;
const maskName = /(^|[_-])(mask|label|labels|seg|segmentation|gt)$/i;

/**
 * Reads `images/` + `masks/` with equal names (in any image format), one folder with `a.png` + `a_mask.png`, or a folder
 * for each case with its images and its mask (`imaging.nii.gz` + `segmentation.nii.gz`, `X_t1.nii.gz` … + `X_seg.nii.gz`).
 */
export function readPairs(folder: string): CaseList {
  const images = imageFolders.map((name) => join(folder, name)).find(isFolder);
  const masks = maskFolders.map((name) => join(folder, name)).find(isFolder);
  const problems: string[] = [];
  const refused: CaseList['refused'] = [];
  const files = images === undefined ? imageFiles(folder) : imageFiles(images);
  if (files.length === 0) return readCaseFolders(folder);
  const isMask = (path: string) => images === undefined && maskSuffix.test(stemOf(path));
  const maskFiles = byName(masks === undefined ? files.filter(isMask) : imageFiles(masks), (path) =>
    stemOf(path).replace(maskSuffix, ''),
  );
  const scans = byName(
    files.filter((path) => !isMask(path)),
    stemOf,
  );
  const cases: ScanCase[] = [...scans].flatMap(([id, paths]) => {
    const own = maskFiles.get(id) ?? [];
    maskFiles.delete(id);
    const twice = paths.length > 1 ? paths : own.length > 1 ? own : null;
    if (twice !== null) {
      const choices = twice.map((path) => basename(path)).join(' and ');
      refused.push({
        id,
        reason: `has ${choices}, and nothing says which ${paths.length > 1 ? 'scan' : 'mask'} is meant; keep one`,
      });
      return [];
    }
    if (own.length === 0)
      problems.push(`${basename(paths[0]!)} has no mask of the same name; add it or remove the image`);
    const mask = own[0] === undefined ? null : resolve(own[0]);
    return [{ id, patient: id, images: [resolve(paths[0]!)], mask, part: null }];
  });
  for (const path of [...maskFiles.values()].flat())
    problems.push(`${basename(path)} has no image of the same name; add it or remove the mask`);
  problems.push(...samePatients(cases));
  return listOf(folder, cases, [], refused, problems);
}

function listOf(
  folder: string,
  cases: ScanCase[],
  channels: string[],
  refused: CaseList['refused'],
  problems: string[],
): CaseList {
  const name = basename(resolve(folder));
  return { layout: 'pairs', name, channels, labels: [], undecidedLabels: null, licence: '', cases, refused, problems };
}

function byName(paths: readonly string[], nameOf: (path: string) => string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const path of paths) found.set(nameOf(path), [...(found.get(nameOf(path)) ?? []), path]);
  return found;
}

/** Two-dimensional sets often hold many pictures of a patient: `p01_003.png`. */
function samePatients(cases: readonly ScanCase[]): string[] {
  const groups = new Map<string, string[]>();
  for (const { id, images } of cases) {
    const prefix = formatOf(images[0]!) === 'raster' ? /^(.*\d.*?)[_-](?:[a-z]+[_-]?)?\d+$/i.exec(id)?.[1] : undefined;
    if (prefix !== undefined) groups.set(prefix, [...(groups.get(prefix) ?? []), id]);
  }
  const several = [...groups].find(([, ids]) => ids.length > 1);
  if (several === undefined || groups.size < 2) return [];
  const [prefix, ids] = several;
  return [
    `${ids.slice(0, 3).join(', ')} look like pictures of one patient, ${prefix}, and count as patients of their own; set patientPattern, for example "^(.+)[_-]", or the same patient may be in training and in test`,
  ];
}

/** A folder for each case, as in KiTS and BraTS. Images of a case are its channels, named by what their names end in. */
function readCaseFolders(folder: string): CaseList {
  const cases: ScanCase[] = [];
  const problems: string[] = [];
  const refused: CaseList['refused'] = [];
  const channelsOf = new Map<string, string[]>();
  for (const id of listFolder(folder).filter((name) => !name.startsWith('.') && isFolder(join(folder, name)))) {
    const files = imageFiles(join(folder, id)).filter((path) => !['raster', 'dicom'].includes(formatOf(path)!));
    if (files.length === 0) continue;
    const masks = files.filter((path) => maskName.test(stemOf(path)));
    const images = files.filter((path) => !maskName.test(stemOf(path)));
    const names = images.map((path) => stemOf(path).replace(id, '').replace(/^[_-]/, '') || stemOf(path));
    const stems = new Set(files.map(stemOf));
    if (masks.length > 1 || stems.size < files.length) {
      const choices = (masks.length > 1 ? masks : files).map((path) => basename(path)).join(', ');
      refused.push({ id, reason: `holds ${choices}, and nothing says which is meant; keep one of each` });
    } else if (images.length === 0) problems.push(`case ${id} has a mask and no image; add it`);
    else {
      if (masks.length === 0) problems.push(`case ${id} has no mask (a name that ends in seg, mask or label); add it`);
      channelsOf.set(id, names);
      cases.push({
        id,
        patient: id,
        images: images.map((path) => resolve(path)),
        mask: masks[0] === undefined ? null : resolve(masks[0]),
        part: null,
      });
    }
  }
  if (cases.length === 0 && refused.length === 0) {
    throw datasetError(
      folder,
      'holds no images; expected dataset.json (Decathlon, nnU-Net), images/ with masks/, NAME with NAME_mask, a folder for each case, or folders of DICOM files',
    );
  }
  const usual = [...channelsOf.values()].map((names) => names.join(', ')).sort()[channelsOf.size >> 1] ?? '';
  const alike = cases.filter(({ id }) => channelsOf.get(id)!.join(', ') === usual);
  for (const { id } of cases) {
    const own = channelsOf.get(id)!.join(', ');
    if (own !== usual)
      refused.push({
        id,
        reason: `has the images ${own}, where other cases have ${usual}; add what is missing, or remove what is too much`,
      });
  }
  return listOf(folder, alike, usual === '' ? [] : usual.split(', '), refused, problems);
}
