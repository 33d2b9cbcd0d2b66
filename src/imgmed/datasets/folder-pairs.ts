import { basename, dirname, resolve } from 'node:path';
import { unreadSentence } from '../reading/file-format.ts';
import { withOwnIds } from './case-ids.ts';
import { type CaseList, datasetError, type ScanCase } from './case-list.ts';
import { groupedBy } from './grouped-by.ts';
import { listed, readImageTree, someNames, type TreeFile } from './image-tree.ts';
import { type Group, matchMasks } from './match-masks.ts';

/**
 * Reads folders without a `dataset.json`, at any depth: `images/` + `masks/` with equal names, `a.png` + `a_mask.png`,
 * `volume-0` + `segmentation-0`, or one folder per case with its images and its mask. Masks are matched to images by
 * file and folder names alone; ambiguous cases are refused with the choices.
 */
export function readPairs(folder: string): CaseList {
  const { files, unread, declared } = readImageTree(folder);
  if (declared.length > 0) {
    throw datasetError(
      folder,
      `holds separate data sets (${someNames(declared)}, with dataset.json); name one of them`,
    );
  }
  const problems = unreadSentence(unread);
  if (files.length === 0) {
    const what = problems.length > 0 ? `; ${problems.join('; ')}` : '';
    throw datasetError(
      folder,
      `holds no readable images${what}; expected dataset.json (Decathlon, nnU-Net), images/ with masks/, NAME with NAME_mask, a folder for each case, or folders of DICOM files`,
    );
  }
  const { kept, previews } = withoutPreviews(files);
  if (previews.length > 0) problems.push(`${someNames(previews)} beside volumes: taken for previews, and ignored`);
  const refused: CaseList['refused'] = [];
  const groups = matchMasks(kept, refused, problems);
  const { cases, channels } = casesOf(groups, refused);
  const own = withOwnIds(folder, cases);
  problems.push(...foldersOfPatients(cases));
  const name = basename(resolve(folder));
  const nothing = { labels: [], undecidedLabels: null, regions: [], ignoredLabel: null, licence: '', shortfalls: [] };
  return { layout: 'pairs', name, channels, ...nothing, cases: own, refused, problems };
}

/** Separates out previews: pictures in a folder that also holds volumes. */
function withoutPreviews(files: readonly TreeFile[]) {
  const volumes = new Set(files.filter(({ raster }) => !raster).map(({ folder }) => folder));
  const isPreview = ({ raster, folder }: TreeFile) => raster && volumes.has(folder);
  return { kept: files.filter((file) => !isPreview(file)), previews: files.filter(isPreview).map(({ path }) => path) };
}

/** The cases of unambiguous groups that have the most common channels; the others are refused. */
function casesOf(groups: readonly Group[], refused: CaseList['refused']) {
  const perFolder = groupedBy(groups, ({ images }) => images[0]!.folder);
  const perName = groupedBy(groups, ({ images }) => `${images[0]!.place}/${images[0]!.stem}`);
  const crowded = new Set([...perFolder].filter(([, own]) => distinct(own) > 1).map(([place]) => dirname(place)));
  const found = groups.flatMap((group) => {
    const { images, masks } = group;
    const [first] = images as [TreeFile];
    const neighbours = perFolder.get(first.folder)!;
    const id = idOf(group, distinct(neighbours) === 1 && !crowded.has(dirname(first.folder)));
    const twice = perName.get(`${first.place}/${first.stem}`)!.map((other) => other.images[0]!);
    const scans = twice.length > 1 ? twice : new Set(images.map(({ stem }) => stem)).size < images.length ? images : [];
    const company = neighbours.length > 1 ? companyOf(group, neighbours) : null;
    const reason = scans.length > 0 ? choice(scans, 'scan') : masks.length > 1 ? choice(masks, 'mask') : company;
    if (reason !== null) {
      const entry = { id: reason === company ? first.folder : id, reason };
      if (!refused.some((other) => other.id === entry.id && other.reason === reason)) refused.push(entry);
      return [];
    }
    const caseFolder = id === first.folder;
    const channels = group.channels ?? (caseFolder && first.bareKey === '' ? [first.stem] : null);
    const ofPatient = !caseFolder && neighbours.length > 1 && neighbours.every((other) => startsAsFolder(other));
    const patient = ofPatient ? first.folder : id;
    const mask = masks[0] === undefined ? null : resolve(masks[0].path);
    const entry: ScanCase = { id, patient, images: images.map(({ path }) => resolve(path)), mask, part: first.part };
    return [
      { entry, channels, words: (channels ?? [basename(first.path)]).join(', '), shape: channels?.join(', ') ?? '' },
    ];
  });
  const shapes = [
    ...groupedBy(
      found.filter(({ entry }) => entry.mask !== null),
      ({ shape }) => shape,
    ).values(),
  ];
  const usual = shapes.sort((a, b) => b.length - a.length)[0]?.[0];
  const alike = found.filter(({ entry, shape }) => entry.mask === null || shape === usual?.shape);
  for (const { entry, words } of found.filter((one) => !alike.includes(one))) {
    refused.push({
      id: entry.id,
      reason: `has the images ${words}, where other cases have ${usual!.words}; add the missing files or remove the extra ones`,
    });
  }
  return { cases: alike.map(({ entry }) => entry), channels: usual?.channels ?? [] };
}

/**
 * A case alone in its folder is named after the folder, others after their image, or what their images' names share.
 */
function idOf({ images, masks, channels }: Group, alone: boolean): string {
  const { folder, sorted, stem } = images[0]!;
  if (alone && folder !== '' && !sorted) return folder;
  return channels === null ? stem : masks[0]!.key || stem;
}

function distinct(groups: readonly Group[]): number {
  return new Set(groups.map(({ images }) => images[0]!.stem)).size;
}

function startsAsFolder({ images }: Group): boolean {
  const { folder, stem, raster, sorted } = images[0]!;
  return !raster && !sorted && folder !== '' && stem.startsWith(basename(folder)) && stem !== basename(folder);
}

function choice(files: readonly TreeFile[], what: 'scan' | 'mask'): string {
  const alike = new Set(files.map(({ path }) => basename(path))).size < files.length;
  const names = files.map(({ path, folder }) => (alike ? `${folder}/${basename(path)}` : basename(path)));
  return `has ${names.join(' and ')}, and nothing says which ${what} is meant; keep one`;
}

/**
 * The reason to refuse a case's folder with one masked image beside unmasked ones, which may be its channels or not.
 */
function companyOf(group: Group, neighbours: readonly Group[]): string | null {
  const masked = neighbours.filter(({ masks }) => masks.length > 0);
  const { folder, raster, sorted } = group.images[0]!;
  if (raster || sorted || folder === '' || masked.length !== 1 || neighbours.length > 6) return null;
  const others = neighbours.filter((other) => other !== masked[0]).flatMap(({ images }) => images);
  const mask = masked[0]!.masks[0]!;
  return `holds ${basename(mask.path)}, the mask of ${basename(masked[0]!.images[0]!.path)}, beside ${someNames(others.map(({ path }) => path))}, and nothing says whether they are its channels; if so call the mask seg, else take them out of ${folder}`;
}

/** Warns about ids such as `p1/day1` and `p1/day2`: two patients, or two scans of one? */
function foldersOfPatients(cases: readonly ScanCase[]): string[] {
  const deep = cases.filter(({ id, patient }) => id.includes('/') && patient === id);
  const several = [...groupedBy(deep, ({ id }) => id.slice(0, id.indexOf('/')))].find(([, own]) => own.length > 1);
  if (several === undefined) return [];
  const [top, own] = several;
  return [
    `${listed(own.map(({ id }) => id))} count as separate patients; if ${top} is one patient, set patientPattern, for example "^([^/]+)"`,
  ];
}
