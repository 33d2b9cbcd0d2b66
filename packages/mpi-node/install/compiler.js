import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** MPI's compiler wrappers, under the names that distributions give them; if MPICC is set, only that one is tried. */
export function compilers() {
  return process.env.MPICC ? [process.env.MPICC] : ['mpicc', 'mpicc.openmpi', 'mpicc.mpich'];
}

/** The folder with `node_api.h`, or undefined. */
export function findNodeHeaders() {
  const { NODE_INCLUDE, npm_config_nodedir: nodeDirectory } = process.env;
  return [
    NODE_INCLUDE,
    nodeDirectory && join(nodeDirectory, 'include/node'),
    resolve(dirname(process.execPath), '../include/node'),
    '/usr/include/node',
    '/usr/local/include/node',
  ].find((folder) => folder && existsSync(join(folder, 'node_api.h')));
}

/** Compiles and links the addon in one command. */
export function compile({ compiler, headers, packageDirectory, output }) {
  const folder = join(packageDirectory, 'native');
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(folder, name));
  const link =
    process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared', '-pthread', '-ldl'];
  const flags = ['-O3', '-std=gnu11', '-fPIC', '-fvisibility=hidden', `-I${headers}`];
  const result = spawnSync(compiler, [...flags, ...sources, '-o', output, ...link], { encoding: 'utf8' });
  if (result.error) return { problem: `${basename(compiler)}: not found` };
  if (result.status === 0) return { problem: null };
  return { problem: `${basename(compiler)}: ${result.stderr.trim().split('\n').slice(0, 3).join(' | ')}` };
}

/** Loads the built addon in a separate process and asks which MPI it belongs to. */
export function libraryOf(file) {
  const result = spawnSync(
    process.execPath,
    ['-e', `process.stdout.write(require(${JSON.stringify(file)}).library())`],
    {
      encoding: 'utf8',
    },
  );
  if (result.status === 0) return { library: result.stdout.replaceAll('\0', '').trim(), problem: null };
  const reason =
    result.stderr.split('\n').find((line) => line.includes('Error')) ?? `exit ${result.status ?? result.signal}`;
  return { library: null, problem: `built, but does not load: ${reason.trim()}` };
}
