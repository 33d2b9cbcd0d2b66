import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');
/** The repository's own packages, which no registry has. */
export const own = ['mpi-node', 'tfjs-backend-autopilot'];

/** Links what the registry gave this repository, without the repository's own packages. */
export function linkModules(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(path.join(root, 'node_modules')))
    if (!own.includes(name)) symlinkSync(path.join(root, 'node_modules', name), path.join(folder, name));
}

/** What `npm pack` makes of this repository; in a copy, since packing replaces `dist`, which other tests use. */
export function packedInCopy(scratch: string): string {
  const source = path.join(scratch, 'source');
  const left = new Set(['node_modules', 'dist', '.git', 'runs', 'coverage']);
  cpSync(root, source, { recursive: true, filter: (file) => !left.has(path.relative(root, file)) });
  linkModules(path.join(source, 'node_modules'));
  execFileSync('npm', ['pack', '--pack-destination', scratch], { cwd: source, stdio: 'pipe' });
  const [tarball = ''] = readdirSync(scratch).filter((name) => name.endsWith('.tgz'));
  return path.join(scratch, tarball);
}

export function unpack(tarball: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['xzf', tarball, '--strip-components=1', '-C', folder], { stdio: 'pipe' });
}
