import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** A file and those that its header says hold its voxels: `.mhd` and `.nhdr` name them, `.hdr` has one of its name. */
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

/** Files that a detached header names, whether they are there or not; a list stands one a line, after `LIST`. */
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
