import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { unpack } from './pack.ts';

/** How a package manager is told the same things. */
export interface PackageManager {
  name: string;
  /** What the registry calls it, and the file in it that node runs; a program of its own says `native`. */
  spec: string;
  file: string;
  native?: true;
  add: (tarball: string) => string[];
  /** Installs what package.json and the lock file say, from the cache alone. */
  offline: string[];
  skipScripts: string[];
  /** Where it keeps what it has fetched, and what tells it that there is no network. */
  env: (cache: string) => Record<string, string>;
  offlineEnv?: Record<string, string>;
  /** The words before `autopilot`, where there is no `node_modules/.bin`. */
  exec?: string[];
}

const unreachable = 'http://127.0.0.1:9/';
const yarn4: Omit<PackageManager, 'name'> = {
  spec: '@yarnpkg/cli-dist@4',
  file: 'bin/yarn.js',
  add: (tarball) => ['add', `grescale-autopilot@file:${tarball}`],
  offline: ['install'],
  skipScripts: ['--mode=skip-build'],
  env: (cache) => ({ YARN_GLOBAL_FOLDER: cache, YARN_ENABLE_TELEMETRY: '0', YARN_ENABLE_IMMUTABLE_INSTALLS: '0' }),
  offlineEnv: { YARN_ENABLE_NETWORK: '0' },
};

export const packageManagers: PackageManager[] = [
  {
    name: 'npm',
    spec: 'npm@11',
    file: 'bin/npm-cli.js',
    add: (tarball) => ['install', tarball],
    offline: ['ci', '--offline'],
    skipScripts: ['--ignore-scripts'],
    // With addresses in its lock file, whatever this machine's settings say.
    env: (cache) => ({ npm_config_cache: cache, npm_config_omit_lockfile_registry_resolved: 'false' }),
  },
  {
    name: 'pnpm',
    spec: 'pnpm@10',
    file: 'bin/pnpm.cjs',
    add: (tarball) => ['add', tarball],
    offline: ['install', '--offline', '--frozen-lockfile'],
    skipScripts: ['--ignore-scripts'],
    env: (cache) => ({ npm_config_store_dir: cache, npm_config_cache_dir: `${cache}-metadata` }),
  },
  {
    name: 'yarn 1',
    spec: 'yarn@1',
    file: 'bin/yarn.js',
    add: (tarball) => ['add', `file:${tarball}`],
    // Not --frozen-lockfile, with which yarn 1 refuses its own lock file where that has a tarball.
    offline: ['install', '--offline'],
    skipScripts: ['--ignore-scripts'],
    env: (cache) => ({ YARN_CACHE_FOLDER: cache }),
  },
  { name: 'yarn 4', ...yarn4, exec: ['run'] },
  {
    name: 'yarn 4, node_modules',
    ...yarn4,
    env: (cache) => ({ ...yarn4.env(cache), YARN_NODE_LINKER: 'node-modules' }),
  },
  {
    name: 'bun',
    spec: `@oven/bun-${process.platform}-${process.arch}@1`,
    file: 'bin/bun',
    native: true,
    add: (tarball) => ['add', tarball],
    offline: ['install', '--frozen-lockfile'],
    skipScripts: ['--ignore-scripts'],
    env: (cache) => ({ BUN_INSTALL_CACHE_DIR: cache }),
    // Its cache knows packages by their registry, so that stays; nothing behind a proxy answers.
    offlineEnv: {
      http_proxy: unreachable,
      https_proxy: unreachable,
      HTTP_PROXY: unreachable,
      HTTPS_PROXY: unreachable,
      NO_PROXY: '',
      no_proxy: '',
    },
  },
];

/** The folder of a package that the registry has, unpacked once below `folder`. */
export function fetched(spec: string, folder: string): string {
  const at = path.join(folder, spec.replaceAll('/', '+'));
  if (existsSync(at)) return at;
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(path.join(folder, 'fetch-'));
  execFileSync('npm', ['pack', spec, '--silent', '--pack-destination', scratch], { cwd: scratch, stdio: 'pipe' });
  const [tarball = ''] = readdirSync(scratch);
  unpack(path.join(scratch, tarball), at);
  rmSync(scratch, { recursive: true });
  return at;
}

/** A version of Node as its folder: `bin/node`, and the headers that addons are compiled with. */
export function fetchedNode(version: string, folder: string): string {
  return fetched(`node-${process.platform}-${process.arch}@${version}`, folder);
}
