import { spawnSync } from 'node:child_process';

/** Whose mpirun it is: their options differ. Intel MPI and MVAPICH start ranks as MPICH does, with Hydra. */
export type MpiImplementation = 'openmpi' | 'mpich';

const known = new Map<string, MpiImplementation | null>();

/** What an `mpirun` says it is, asked once; null when it is not there or says neither. */
export function mpiImplementationOf(mpirun: string): MpiImplementation | null {
  const before = known.get(mpirun);
  if (before !== undefined) return before;
  const { stdout = '', stderr = '' } = spawnSync(mpirun, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const implementation = implementationIn(`${stdout}\n${stderr}`);
  known.set(mpirun, implementation);
  return implementation;
}

export function implementationIn(version: string): MpiImplementation | null {
  if (/open ?mpi|openrte|prte/i.test(version)) return 'openmpi';
  if (/hydra|mpich|intel.*mpi/i.test(version)) return 'mpich';
  return null;
}

/** `mpirun` for ranks on this host, more than cores if need be: for measurements, not for trainings. */
export function plainMpirun(ranks: number, mpirun = 'mpirun'): [mpirun: string, ...flags: string[]] {
  const number = ['-n', String(ranks)];
  if (mpiImplementationOf(mpirun) === 'mpich') return [mpirun, '-bind-to', 'none', ...number];
  const root = process.getuid?.() === 0 ? ['--allow-run-as-root'] : [];
  return [mpirun, ...root, '--oversubscribe', '--bind-to', 'none', ...number];
}
