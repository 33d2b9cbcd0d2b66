import { basename, join, relative, resolve } from 'node:path';
import { messageOf } from '../../domain/errors.ts';
import { dicomFiles, formatOf, imageFiles, isFolder, listFolder } from '../reading/file-format.ts';
import { type CaseList, datasetError, type ScanCase } from './case-list.ts';
import { listed } from './image-tree.ts';

/** Contents of a folder, with or without its subfolders. */
interface Contents {
  series: { path: string; uid: string; patient: string }[];
  masks: string[];
  /** RTSTRUCT files, which are not masks. */
  contours: string[];
}

/**
 * Reads DICOM folders: `CASE/images/*.dcm` with `CASE/mask.nii.gz` or `CASE/seg.dcm`, the series directly in `CASE/`
 * beside its mask, or patients with studies with series. The patient is the one named in the files.
 */
export async function readDicomFolders(folder: string): Promise<CaseList> {
  const { contours, readDicomTags, slicesAmong } = await import('../reading/read-dicom.ts');
  const problems: string[] = [];
  const refused: CaseList['refused'] = [];
  const cases: ScanCase[] = [];

  const contentsOf = (place: string): Contents => {
    const masks = imageFiles(place).filter((path) => formatOf(path) !== 'dicom');
    const own: Contents = { series: [], masks, contours: [] };
    for (const file of slicesAmong(dicomFiles(place))) {
      try {
        const { modality, patientId, seriesUid, hasPixels } = readDicomTags(file);
        if (modality === 'SEG') own.masks.push(file);
        else if (modality === 'RTSTRUCT') own.contours.push(file);
        else if (hasPixels && !own.series.some(({ uid }) => uid === seriesUid)) {
          own.series.push({ path: resolve(place), uid: seriesUid, patient: patientId });
        }
      } catch (error) {
        problems.push(`${relative(folder, file)}: ${messageOf(error)}; remove it from the series`);
      }
    }
    return own;
  };

  const addCases = (place: string, id: string): void => {
    const own = contentsOf(place);
    const inner = foldersIn(place);
    const parts = inner.map((path) => ({ path, contents: allContents(path, contentsOf) }));
    const all = [own, ...parts.map(({ contents }) => contents)];
    const series = all.flatMap((part) => part.series);
    if (series.length === 0) return;
    const masks = all.flatMap((part) => part.masks);
    if (series.length === 1) {
      const mask = maskOf(id, masks);
      const drawn = all.flatMap((part) => part.contours);
      const [contour] = drawn.map((path) => relative(place, path));
      if (masks.length === 0 && contour !== undefined) {
        refused.push({ id, reason: `has ${contour} instead of a mask: ${contours}` });
        return;
      }
      if (contour !== undefined) problems.push(`case ${id}: ${contour} holds contours (RTSTRUCT) and is ignored`);
      if (mask.state === 'refused') refused.push({ id, reason: mask.reason });
      else {
        problems.push(...mask.problems);
        const [{ path, patient }] = series as [Contents['series'][number]];
        cases.push({ id, patient: patient || id, images: [path], mask: mask.path, part: null });
      }
      return;
    }
    if (
      own.series.length === 0 &&
      own.masks.length === 0 &&
      parts.some(({ contents }) => contents.series.length < series.length)
    ) {
      for (const path of inner) addCases(path, `${id}/${basename(path)}`);
      return;
    }
    if (own.series.length === 0 && own.masks.length === 0 && inner.length === 1) {
      addCases(inner[0]!, `${id}/${basename(inner[0]!)}`);
      return;
    }
    const choices = series.map(({ path }) => relative(place, path) || basename(path));
    refused.push({
      id,
      reason: `holds ${series.length} series (${choices.slice(0, 4).join(', ')}), and nothing says which one is segmented; keep one, or give each a folder with its mask`,
    });
  };

  for (const path of foldersIn(folder)) addCases(path, basename(path));
  if (cases.length === 0 && refused.length === 0) {
    throw datasetError(folder, `holds no case folder with a DICOM series${said(problems)}`);
  }
  return {
    layout: 'dicom',
    name: basename(resolve(folder)),
    channels: [],
    labels: [],
    undecidedLabels: null,
    regions: [],
    ignoredLabel: null,
    licence: '',
    cases,
    refused,
    problems,
    shortfalls: [],
  };
}

const deepest = 6;

function allContents(place: string, contentsOf: (place: string) => Contents, depth = 0): Contents {
  const parts = depth < deepest ? foldersIn(place).map((path) => allContents(path, contentsOf, depth + 1)) : [];
  const all = [contentsOf(place), ...parts];
  return {
    series: all.flatMap(({ series }) => series),
    masks: all.flatMap(({ masks }) => masks),
    contours: all.flatMap(({ contours }) => contours),
  };
}

function foldersIn(place: string): string[] {
  return listFolder(place)
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(place, name))
    .filter(isFolder);
}

type ChosenMask = { state: 'chosen'; path: string | null; problems: string[] } | { state: 'refused'; reason: string };

/** Prefers volumes to pictures, which may be previews beside a mask; refuses several of the preferred kind. */
function maskOf(id: string, candidates: readonly string[]): ChosenMask {
  const volumes = candidates.filter((path) => formatOf(path) !== 'raster');
  const pictures = candidates.filter((path) => formatOf(path) === 'raster');
  const masks = volumes.length > 0 ? volumes : pictures;
  if (masks.length > 1) {
    const choices = listed(masks.map((path) => basename(path)));
    const way =
      volumes.length > 0
        ? 'keep one, or merge them into one mask with several labels (or read the volumes alone with layout: pairs)'
        : 'keep one, or stack the pictures of a series into one volume';
    return {
      state: 'refused',
      reason: `holds ${masks.length} masks (${choices}), and nothing says which is meant; ${way}`,
    };
  }
  const problems =
    volumes.length > 0 && pictures.length > 0
      ? [
          `case ${id}: ${basename(volumes[0]!)} is its mask; ${pictures.map((path) => basename(path)).join(', ')} is taken for a preview and ignored`,
        ]
      : [];
  return { state: 'chosen', path: masks[0] === undefined ? null : resolve(masks[0]), problems };
}

function said(problems: readonly string[]): string {
  return problems.length === 0 ? '' : ` (${problems.slice(0, 5).join('; ')})`;
}
