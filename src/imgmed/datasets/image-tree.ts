import { basename, join, relative, sep } from 'node:path';
import { formatOf, imageFiles, isFolder, listFolder, stemOf, unreadFiles } from '../reading/file-format.ts';
import { folderKind, withoutImageWord, withoutMaskWord } from './name-words.ts';

/** One image file of a data set, with what its name and its folders say about it. */
export interface TreeFile {
  path: string;
  stem: string;
  isMask: boolean;
  raster: boolean;
  /** Its folder relative to the data set; '' for the data set itself. */
  folder: string;
  /** `folder` without the words that only tell images from masks: `train/images` and `train/masks` are one place. */
  place: string;
  /** Whether a folder is named for images or masks, and so holds those of many cases. */
  sorted: boolean;
  part: 'train' | 'validation' | 'test' | null;
  /** The name without its mask word; `bareKey` also lacks its image word. */
  key: string;
  bareKey: string;
}

export interface ImageTree {
  files: TreeFile[];
  /** Endings of pictures that are not read, with their counts. */
  unread: Map<string, number>;
  /** Subfolders with a `dataset.json` of their own. */
  declared: string[];
}

const deepest = 8;

/** All image files under a folder, except DICOM files and hidden entries. */
export function readImageTree(root: string): ImageTree {
  const tree: ImageTree = { files: [], unread: new Map(), declared: [] };
  visit(root, root, tree, 0);
  return tree;
}

function visit(root: string, folder: string, tree: ImageTree, depth: number): void {
  const within = relative(root, folder).split(sep).join('/');
  const paths = imageFiles(folder).filter((path) => formatOf(path) !== 'dicom');
  const stems = new Set(paths.map(stemOf));
  const parts = within === '' ? [] : within.split('/').map(folderKind);
  const named = paths.filter((path) => withoutMaskWord(stemOf(path)) !== null).length;
  const sorted = parts.findLast(({ kind }) => kind !== null)?.kind ?? null;
  // In a folder named like a mask that also holds images (`seg_001/`), each file's own name decides.
  const kind = sorted === 'masks' && named > 0 && named < paths.length ? null : sorted;
  const place = parts
    .map(({ rest }) => rest)
    .filter((rest) => rest !== '')
    .join('/');
  const part = parts.findLast((entry) => entry.part !== null)?.part ?? null;
  for (const path of paths) {
    const stem = stemOf(path);
    const bare = withoutMaskWord(stem);
    const isMask = kind === 'masks' || (bare !== null && (kind !== 'images' || stems.has(bare)));
    const key = isMask ? (bare ?? stem) : stem;
    const raster = formatOf(path) === 'raster';
    const own = { key, bareKey: withoutImageWord(key) };
    tree.files.push({ path, stem, isMask, raster, folder: within, place, sorted: kind !== null, part, ...own });
  }
  for (const [ending, count] of unreadFiles(folder)) tree.unread.set(ending, (tree.unread.get(ending) ?? 0) + count);
  for (const name of listFolder(folder).filter((entry) => !entry.startsWith('.'))) {
    if (name === 'dataset.json' && within !== '') tree.declared.push(within);
    if (depth < deepest && isFolder(join(folder, name))) visit(root, join(folder, name), tree, depth + 1);
  }
}

/** `a, b and 7 more`. */
export function listed(names: readonly string[], most = 4): string {
  return names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

export function someNames(paths: readonly string[]): string {
  return listed(paths.map((path) => basename(path)));
}
