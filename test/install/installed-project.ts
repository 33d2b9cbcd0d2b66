import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fetched, type PackageManager } from './package-managers.ts';

export interface Said {
  status: number | null;
  stdout: string;
  /** Both streams, as a terminal would have shown them. */
  all: string;
}

/** A project that has the packed product from one package manager, under one Node. */
export interface InstalledProject {
  folder: string;
  /** Runs `autopilot` of this project; throws where it ends with another code than one of `codes`. */
  autopilot: (args: string[], codes?: number[]) => Said;
  /** Runs a command of this project's Node, for example `node file.mjs`. */
  command: (line: string[], codes?: number[]) => Said;
}

export interface Place {
  manager: PackageManager;
  /** The folder of a Node. */
  node: string;
  tarball: string;
  /** Where fetched packages are kept. */
  fetchedAt: string;
  cache: string;
}

const lockFiles = ['package.json', 'package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock'];

/** Installs as a reader would, into a new folder: with `from`, from the cache alone what that project's lock file says. */
export function installIn(
  folder: string,
  place: Place,
  { skipScripts = false, from }: { skipScripts?: boolean; from?: InstalledProject } = {},
): InstalledProject {
  const { manager } = place;
  mkdirSync(folder, { recursive: true });
  const base = environment(place);
  const env = from === undefined ? base : { ...base, ...manager.offlineEnv };
  const script = path.join(fetched(manager.spec, place.fetchedAt), manager.file);
  const program = manager.native === true ? [script] : [path.join(place.node, 'bin/node'), script];
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "consumer", "private": true }');
  if (from !== undefined)
    for (const name of lockFiles.filter((each) => existsSync(path.join(from.folder, each))))
      cpSync(path.join(from.folder, name), path.join(folder, name));
  const install = from === undefined ? manager.add(place.tarball) : manager.offline;
  must([...program, ...install, ...(skipScripts ? manager.skipScripts : [])], folder, env);
  const bin =
    manager.exec === undefined
      ? [path.join(folder, 'node_modules/.bin/autopilot')]
      : [...program, ...manager.exec, 'autopilot'];
  const through = manager.exec === undefined ? [] : program;
  return {
    folder,
    autopilot: (args, codes = [0]) => must([...bin, ...args], folder, env, codes),
    command: (line, codes) => must([...through, ...line], folder, env, codes),
  };
}

/** This Node first, its headers for what is compiled, and nothing of the npm that may have started this program. */
function environment({ manager, node, cache }: Place): Record<string, string | undefined> {
  const outer = Object.entries(process.env).filter(
    ([name]) =>
      !/^npm_(?:lifecycle|package|command|execpath|node_execpath)|^npm_config_(?:user_agent|local_prefix)|^INIT_CWD$/.test(
        name,
      ),
  );
  return {
    ...Object.fromEntries(outer),
    PATH: `${path.join(node, 'bin')}${path.delimiter}${process.env.PATH}`,
    npm_config_nodedir: node,
    NO_COLOR: '1',
    ...manager.env(cache),
  };
}

/** Runs a command line; throws what it said where it ends with another code than one of `codes`. */
export function must(line: string[], cwd: string, env: NodeJS.ProcessEnv, codes = [0]): Said {
  const [program = '', ...args] = line;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const all = `${stdout}${stderr}`;
  if (status !== null && codes.includes(status)) return { status, stdout, all };
  throw new Error(`${line.join(' ')}\nin ${cwd} ended with ${status ?? error?.message}:\n${all.slice(-4000)}`);
}
