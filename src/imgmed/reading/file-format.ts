import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

/** How a file or folder is read. */
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

/** The file's name without the ending that says its format: `la_003.nii.gz` → `la_003`. */
export function stemOf(path: string): string {
  const name = basename(path);
  const ending = endings.find(([pattern]) => pattern.test(name));
  return ending === undefined ? name : name.replace(ending[0], '');
}

const unread = /\.(gif|bmp|webp|jp2|j2k|avif|heic|npy|npz|mat|mgz|mgh|svs|h5|nii\.(?:bz2|xz|zst))$/i;

/** The ending of a file that holds pictures or volumes and is of no format that is read, such as `.gif`; null for others. */
export function unreadEnding(path: string): string | null {
  return unread.exec(path)?.[0].toLowerCase() ?? null;
}

/** Such endings in a folder (or of a file), with how many there are of each. */
export function unreadFiles(path: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const name of isFolder(path) ? listFolder(path) : [path]) {
    const ending = basename(name).startsWith('.') ? null : unreadEnding(name);
    if (ending !== null) found.set(ending, (found.get(ending) ?? 0) + 1);
  }
  return found;
}

/** What to do about files that are left aside because of their format. */
export function unreadSentence(endings: ReadonlyMap<string, number>): string[] {
  return [...endings].map(
    ([ending, count]) =>
      `${count} ${count === 1 ? 'file ends' : 'files end'} in ${ending}, which is not read; save ${count === 1 ? 'it' : 'them'} as ${/npy|npz|mat|mg[zh]|h5|nii/.test(ending) ? 'NIfTI' : 'PNG or TIFF'}, pixels unchanged`,
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

/** DICOM files of a folder: by ending, or without any ending as scanners write them. */
export function dicomFiles(folder: string): string[] {
  return listFolder(folder)
    .filter((name) => !name.startsWith('.') && name.toUpperCase() !== 'DICOMDIR')
    .filter((name) => formatOf(name) === 'dicom' || !/\.[A-Za-z]/.test(name))
    .map((name) => join(folder, name))
    .filter((path) => !isFolder(path));
}

/** Bytes of some files, and of the DICOM files of some folders; what is not there has none. */
export function bytesOf(paths: readonly string[]): number {
  const files = paths.flatMap((path) => (isFolder(path) ? dicomFiles(path) : [path]));
  return files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}
