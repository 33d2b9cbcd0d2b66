import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

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
  return pack(source, scratch, []);
}

function pack(source: string, folder: string, more: string[]): string {
  execFileSync('npm', ['pack', ...more, '--pack-destination', folder], { cwd: source, stdio: 'pipe' });
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  return path.join(folder, tarball);
}

export function unpack(tarball: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['xzf', tarball, '--strip-components=1', '-C', folder], { stdio: 'pipe' });
}

/** A reader's project that has the packed product in its node_modules. */
export interface PackedProject {
  folder: string;
  /** The installed package. */
  product: string;
  /** What `node_modules/.bin/autopilot` stands for. */
  program: string;
  /** An environment in which `autopilot` is this project's. */
  env: NodeJS.ProcessEnv;
  /** A new folder inside, where programs find the package by its name. */
  inside: () => string;
}

function projectAt(folder: string): PackedProject {
  const product = path.join(folder, 'node_modules/grescale-autopilot');
  const search = `${path.join(folder, 'bin')}${path.delimiter}${process.env.PATH}`;
  return {
    folder,
    product,
    program: path.join(product, 'bin/autopilot.js'),
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, PATH: search },
    inside: () => mkdtempSync(path.join(folder, 'inside-')),
  };
}

/**
 * The packed product, installed with its native parts: one for all tests of a run. The first that asks makes it, in the
 * run's temporary folder; the others wait for it.
 */
export async function packedProject(): Promise<PackedProject> {
  const folder = path.join(tmpdir(), 'packed');
  try {
    mkdirSync(`${folder}.begun`);
  } catch {
    return ready(folder);
  }
  try {
    install(`${folder}.part`);
    renameSync(`${folder}.part`, folder);
  } catch (error) {
    writeFileSync(`${folder}.failed`, String(error));
    throw error;
  }
  return projectAt(folder);
}

async function ready(folder: string): Promise<PackedProject> {
  while (!existsSync(folder)) {
    if (existsSync(`${folder}.failed`)) throw new Error(readFileSync(`${folder}.failed`, 'utf8'));
    await setTimeout(100);
  }
  return projectAt(folder);
}

function install(folder: string): void {
  const project = projectAt(folder);
  linkModules(path.join(folder, 'node_modules'));
  // `npm test` has just built `dist`; whoever calls vitest by itself may have an old one.
  const isBuilt = process.env.AUTOPILOT_TEST_COMPILED === '1';
  unpack(isBuilt ? pack(root, folder, ['--ignore-scripts']) : packedInCopy(folder), project.product);
  // As its install script builds them, from the same sources.
  for (const name of own) {
    const built = path.join(root, 'packages', name, 'build');
    if (existsSync(built)) cpSync(built, path.join(project.product, 'packages', name, 'build'), { recursive: true });
  }
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['autopilot', 'grescale-autopilot'])
    symlinkSync('../node_modules/grescale-autopilot/bin/autopilot.js', path.join(bin, name));
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "reader", "private": true, "type": "module" }');
}
