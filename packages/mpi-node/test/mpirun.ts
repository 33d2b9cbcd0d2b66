import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { mpiStatus, withoutMpiEnvironment } from 'mpi-node';

const programs = fileURLToPath(new URL('./programs/', import.meta.url));

/** Whether tests can start real ranks; warns loudly if not, and throws if AUTOPILOT_REQUIRE lists mpi. */
export function hasMpi(): boolean {
  const status = mpiStatus();
  const mpirun = spawnSync('mpirun', ['--version']).status === 0;
  if (status.available && mpirun) return true;
  const reason = status.available ? 'mpirun is not on the PATH' : status.reason;
  if ((process.env.AUTOPILOT_REQUIRE ?? '').split(',').includes('mpi')) throw new Error(`MPI is required: ${reason}`);
  console.warn(`\n*** NOT TESTED, no MPI here: ${reason} ***\n`);
  return false;
}

export interface MpirunResult {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program of test/programs on `ranks` real ranks. */
export function mpirun(
  ranks: number,
  program: string,
  environment: Record<string, string> = {},
): Promise<MpirunResult> {
  const family = mpiStatus().available && spawnSync('mpirun', ['--version'], { encoding: 'utf8' }).stdout;
  const flags = String(family).includes('Open MPI')
    ? ['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none', '--mca', 'mpi_yield_when_idle', '1']
    : [];
  const child = spawn('mpirun', [...flags, '-n', String(ranks), process.execPath, `${programs}${program}`], {
    env: { ...withoutMpiEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (exitCode) => done({ exitCode, stdout, stderr }));
  });
}
