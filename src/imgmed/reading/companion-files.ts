import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** A file and the existing files that hold its voxels: named in `.mhd` and `.nhdr`, of the same name for `.hdr`. */
export function withCompanions(path: string): string[] {
  if (/\.hdr$/i.test(path)) {
    return [
      path,
      ...['.img', '.img.gz', '.IMG']
        .map((ending) => path.replace(/\.hdr$/i, ending))
        .filter((file) => existsSync(file)),
    ];
  }
  if (!/\.(mhd|nhdr)$/i.test(path)) return [path];
  return [path, ...namedIn(path).filter((file) => existsSync(file))];
}

/** Files that a detached header names, whether they exist or not; after `LIST`, they are listed one per line. */
export function namedIn(path: string): string[] {
  const lines = readFileSync(path, 'latin1').split(/\r?\n/);
  const named = lines.findIndex((line) => /^(ElementDataFile\s*=|data ?file:)/i.test(line));
  if (named < 0) return [];
  const value = lines[named]!.replace(/^[^=:]*[=:]\s*/, '').trim();
  const files = /^LIST\b/i.test(value) ? lines.slice(named + 1).filter((line) => line.trim() !== '') : [value];
  return files
    .filter((file) => !/^LOCAL$/i.test(file) && !file.includes('%'))
    .map((file) => resolve(dirname(path), file.trim()));
}
