import { basename } from 'node:path';
import type { CaseList } from './case-list.ts';
import { groupedBy } from './grouped-by.ts';
import { listed, someNames, type TreeFile } from './image-tree.ts';

/** A scan of one or more images (its channels), and the masks that may belong to it. */
export interface Group {
  images: TreeFile[];
  masks: TreeFile[];
  /** Channel names; null for a single image that is named after the case. */
  channels: string[] | null;
}

/**
 * Finds each mask's image: by equal names in one place or the whole data set, or as the only mask of a case's folder.
 */
export function matchMasks(files: readonly TreeFile[], refused: CaseList['refused'], problems: string[]): Group[] {
  const images = files.filter(({ isMask }) => !isMask);
  const groups = new Map<TreeFile, Group>();
  for (const image of images) groups.set(image, { images: [image], masks: [], channels: null });
  const give = (found: readonly TreeFile[], mask: TreeFile): boolean => {
    for (const image of found) groups.get(image)!.masks.push(mask);
    return found.length > 0;
  };
  const unmatched = (among: readonly TreeFile[], matching: (mask: TreeFile) => TreeFile[]) =>
    among.filter((mask) => !give(matching(mask), mask));
  const lookUp = (keyOf: (file: TreeFile) => string, from: readonly TreeFile[]) => {
    const found = groupedBy(from, keyOf);
    return (mask: TreeFile) => found.get(keyOf(mask)) ?? [];
  };
  const only = (find: (mask: TreeFile) => TreeFile[]) => (mask: TreeFile) => {
    const found = mask.bareKey === '' ? [] : find(mask);
    return found.length === 1 ? found : [];
  };
  let left = files.filter(({ isMask }) => isMask);
  left = unmatched(
    left,
    lookUp(({ place, key }) => `${place}/${key}`, images),
  );
  left = unmatched(
    left,
    lookUp(({ place, bareKey }) => `${place}/${bareKey}`, images),
  );
  left = unmatched(left, only(lookUp(({ key }) => key, images)));
  left = unmatched(
    left,
    only((mask) => images.filter((image) => image.raster && continues(image, mask))),
  );
  left = joinChannels(left, images, groups);
  const aside: string[] = [];
  for (const [place, masks] of groupedBy(left, ({ place }) => place)) {
    const beside = images.filter((image) => image.place === place);
    const above = images.some((image) => place.startsWith(`${image.place}/`) && groups.get(image)!.masks.length > 0);
    const names = someNames(masks.map(({ path }) => path));
    if (
      beside.length > 0 &&
      masks.length > 1 &&
      place !== '' &&
      beside.every((image) => groups.get(image)!.masks.length === 0)
    ) {
      refused.push({
        id: place,
        reason: `holds ${masks.length} masks (${names}), and nothing says which is meant; keep one, or merge them into one mask with several labels`,
      });
      for (const image of beside) groups.delete(image);
    } else if (above) aside.push(...masks.map(({ path, folder }) => `${folder}/${basename(path)}`));
    else
      for (const mask of masks)
        refused.push({
          id: mask.folder === '' || mask.sorted ? mask.stem : `${mask.folder}/${mask.stem}`,
          reason: 'is a mask without an image of the same name; add the image or remove the mask',
        });
  }
  if (aside.length > 0) problems.push(`${listed(aside)} match no image of their own, and are ignored`);
  return [...groups.values()];
}

/** Whether an image's name is a mask's key, a separator and more: `a_t1` continues `a`. */
function continues({ stem }: TreeFile, { key }: TreeFile): boolean {
  return key !== '' && stem.startsWith(key) && /^[^A-Za-z0-9]/.test(stem.slice(key.length));
}

/** Joins volumes into one scan: `a_t1`, `a_t2` of the mask `a_seg`, or all of a case's folder that has one mask. */
function joinChannels(
  masks: readonly TreeFile[],
  images: readonly TreeFile[],
  groups: Map<TreeFile, Group>,
): TreeFile[] {
  const free = (image: TreeFile) => !image.raster && groups.get(image)?.masks.length === 0;
  const join = (mask: TreeFile, parts: TreeFile[], prefix: string): void => {
    const names = parts.map(({ stem }) => stem.replace(prefix, '').replace(/^[ _.-]+/, ''));
    const channels = names.join('') === '' ? null : names.map((name, index) => name || parts[index]!.stem);
    for (const part of parts) groups.delete(part);
    groups.set(parts[0]!, { images: parts, masks: [mask], channels });
  };
  const places = groupedBy(images.filter(free), ({ place }) => place);
  const left = masks.filter((mask) => {
    const parts = (places.get(mask.place) ?? []).filter((image) => free(image) && continues(image, mask));
    if (parts.length > 0) join(mask, parts, mask.key);
    return parts.length === 0;
  });
  const alone = [...groupedBy(left, ({ place }) => place)].flatMap(([place, own]) => {
    const parts = (places.get(place) ?? []).filter(free);
    const beside = images.filter((image) => image.place === place).length;
    const one = own.length === 1 && parts.length === beside && parts.length > 0 && !parts[0]!.sorted;
    return one ? [{ mask: own[0]!, parts, prefix: basename(place) }] : [];
  });
  const channelsOf = ({ parts, prefix }: (typeof alone)[number]) =>
    parts.map(({ stem }) => stem.toLowerCase().replace(prefix, '')).join();
  const joined = alone.filter((entry) => {
    const { mask, parts } = entry;
    const usual = alone.filter((other) => channelsOf(other) === channelsOf(entry)).length > 1;
    return parts.length === 1 || mask.bareKey === '' || usual;
  });
  for (const { mask, parts } of joined) join(mask, parts, basename(mask.folder));
  return left.filter((mask) => !joined.some((entry) => entry.mask === mask));
}
