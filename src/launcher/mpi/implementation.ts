import { spawnSync } from 'node:child_process';

/** The implementation of an mpirun, which decides its options. Intel MPI and MVAPICH use Hydra, as MPICH does. */
export type MpiImplementation = 'openmpi' | 'mpich';

const known = new Map<string, MpiImplementation | null>();

/** The implementation that an `mpirun` reports, asked once; null if it is missing or reports neither. */
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

/** `mpirun` for ranks on this host, even more than it has cores: for measurements, not for training. */
export function plainMpirun(ranks: number, mpirun = 'mpirun'): [mpirun: string, ...flags: string[]] {
  const number = ['-n', String(ranks)];
  if (mpiImplementationOf(mpirun) === 'mpich') return [mpirun, '-bind-to', 'none', ...number];
  const root = process.getuid?.() === 0 ? ['--allow-run-as-root'] : [];
  return [mpirun, ...root, '--oversubscribe', '--bind-to', 'none', ...number];
}
