import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The format that a file or folder is read as. */
export type FileFormat = 'nifti' | 'metaImage' | 'nrrd' | 'raster' | 'dicom';

const endings: [RegExp, FileFormat][] = [
  [/\.(nii(\.gz)?|hdr)$/i, 'nifti'],
  [/\.mh[ad]$/i, 'metaImage'],
  [/\.n(rrd|hdr)$/i, 'nrrd'],
  [/\.(png|jpe?g|tiff?)$/i, 'raster'],
  [/\.(dcm|dicom|ima)$/i, 'dicom'],
];

/** The format by name; null for a file that is not an image. */
export function formatOf(path: string): FileFormat | null {
  return endings.find(([ending]) => ending.test(path))?.[1] ?? null;
}

/** The file's name without its format's ending: `la_003.nii.gz` → `la_003`. */
export function stemOf(path: string): string {
  const name = basename(path);
  const ending = endings.find(([pattern]) => pattern.test(name));
  return ending === undefined ? name : name.replace(ending[0], '');
}

const unread = /\.(gif|bmp|webp|jp2|j2k|avif|heic|npy|npz|mat|mgz|mgh|svs|h5|nii\.(?:bz2|xz|zst))$/i;

/** The ending of a picture or volume file whose format is not read, such as `.gif`; null for others. */
export function unreadEnding(path: string): string | null {
  return unread.exec(path)?.[0].toLowerCase() ?? null;
}

/** Endings of unread formats in a folder (or of a file), with their counts. */
export function unreadFiles(path: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const name of isFolder(path) ? listFolder(path) : [path]) {
    const ending = basename(name).startsWith('.') ? null : unreadEnding(name);
    if (ending !== null) found.set(ending, (found.get(ending) ?? 0) + 1);
  }
  return found;
}

/** Advice about files left aside because of their format, one sentence per ending. */
export function unreadSentence(endings: ReadonlyMap<string, number>): string[] {
  return [...endings].map(
    ([ending, count]) =>
      `${count} ${count === 1 ? 'file ends' : 'files end'} in ${ending}, which is not supported; save ${count === 1 ? 'it' : 'them'} as ${/npy|npz|mat|mg[zh]|h5|nii/.test(ending) ? 'NIfTI' : 'PNG or TIFF'}, pixels unchanged`,
  );
}

/** Image files of a folder, sorted; hidden files (`._la_003.nii.gz` of macOS archives) are left out. */
export function imageFiles(folder: string): string[] {
  return listFolder(folder)
    .filter((name) => !name.startsWith('.') && formatOf(name) !== null)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

/** Names in a folder, sorted; empty when it is not one. */
export function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** DICOM files of a folder, recognized by their ending, or by having none, as scanners write them. */
export function dicomFiles(folder: string): string[] {
  return listFolder(folder)
    .filter((name) => !name.startsWith('.') && name.toUpperCase() !== 'DICOMDIR')
    .filter((name) => formatOf(name) === 'dicom' || !/\.[A-Za-z]/.test(name))
    .map((name) => join(folder, name))
    .filter((path) => !isFolder(path));
}

/** Total bytes of files, and of the DICOM files in folders; what does not exist has none. */
export function bytesOf(paths: readonly string[]): number {
  const files = paths.flatMap((path) => (isFolder(path) ? dicomFiles(path) : [path]));
  return files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}
