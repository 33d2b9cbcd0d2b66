/** Words for masks, and for images, in the names of data sets. */
const maskWords = 'masks?|msk|labels?|lbl|segm?|dseg|fseg|segmentations?|gt|ground[ _-]?truth|annotations?|manual';
const imageWords = 'images?|imgs?|imaging|volumes?|vol|scans?|orig|original|inputs?';
const edges = /^[ _.-]+|[ _.-]+$/g;

const maskFirst = new RegExp(`^(?:${maskWords})(?![A-Za-z])`, 'i');
const maskLast = new RegExp(`(?<![A-Za-z])(?:${maskWords})[ _-]?\\d*$`, 'i');
const maskInCamelCase = /(?<=[a-z])(?:Mask|Seg|Segmentation|Label|GT)\d*$/;

/** A name without its mask word (`a_seg` and `a_mask_1` → a, `segmentation-0` → 0); null if it has none. */
export function withoutMaskWord(stem: string): string | null {
  const pattern = [maskFirst, maskLast, maskInCamelCase].find((candidate) => candidate.test(stem));
  return pattern === undefined ? null : stem.replace(pattern, '').replace(edges, '');
}

const imageFirst = new RegExp(`^(?:${imageWords})(?![A-Za-z])`, 'i');
const imageLast = new RegExp(`(?<![A-Za-z])(?:${imageWords})$`, 'i');

/** A name without its image word: `volume-0` → 0, `a_image` → a. */
export function withoutImageWord(stem: string): string {
  return stem.replace(imageFirst, '').replace(imageLast, '').replace(edges, '');
}

/** What a folder holds according to its name, and the rest of the name without the words that say so. */
export interface FolderKind {
  kind: 'masks' | 'images' | null;
  rest: string;
  part: 'train' | 'validation' | 'test' | null;
}

const isMaskWord = new RegExp(`^(?:${maskWords}|truth|ground)$`, 'i');
const isImageWord = new RegExp(`^(?:${imageWords}|derivatives)$`, 'i');

/** `labelsTr`, `1st_manual`, `ISIC2018_Task1_Training_GroundTruth` hold masks. */
export function folderKind(name: string): FolderKind {
  const words = name
    .replace(/([a-z])([A-Z])|([A-Za-z])(\d)|(\d)([A-Za-z])/g, '$1$3$5 $2$4$6')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  const has = (pattern: RegExp) => words.some((word) => pattern.test(word));
  const kind = has(isMaskWord) ? 'masks' : has(isImageWord) ? 'images' : null;
  const rest =
    kind === null ? name : words.filter((word) => !isMaskWord.test(word) && !isImageWord.test(word)).join(' ');
  // `BraTS20_Training_001` is one case, but `imagesTs` or `test` is a part of the data set.
  const spelled = words.filter((word) => !/^\d+$/.test(word)).length === 1;
  const says = (pattern: RegExp, short: RegExp) =>
    (kind !== null || spelled) && (has(pattern) || (kind !== null && has(short)));
  const partWords = [
    ['test', /^test(ing)?$/i, /^ts$/i],
    ['validation', /^val(id(ation)?)?$/i, /^va$/i],
    ['train', /^train(ing)?$/i, /^tr$/i],
  ] as const;
  const part = partWords.find(([, long, short]) => says(long, short))?.[0] ?? null;
  return { kind, rest: rest.toLowerCase(), part };
}
