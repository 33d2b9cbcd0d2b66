import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { procFile } from '../processes/proc-file.ts';
import { type ProcessIdentity, processIds } from '../processes/process-identity.ts';

/** The mpirun among an attempt's processes, or null. */
export function mpirunAmong(processes: readonly ProcessIdentity[]): ProcessIdentity | null {
  const name = /^(mpirun|mpiexec|orterun)(\.(openmpi|mpich|hydra))?$/;
  return (
    processes.find(({ pid }) => name.test(basename(procFile(`/proc/${pid}/cmdline`).split('\0')[0] ?? ''))) ?? null
  );
}

/** The ranks among an attempt's processes, and the processes that they started. */
export function ranksAmong(processes: readonly ProcessIdentity[]): ProcessIdentity[] {
  return processes.filter(({ pid }) => /(^|\0)(OMPI_COMM_WORLD_RANK|PMI_RANK)=/.test(procFile(`/proc/${pid}/environ`)));
}

/** Removes the shared memory, 4 MiB each, of ranks that died uncleanly, if no process maps it any more. */
export function sweepSharedMemory(): void {
  const directory = '/dev/shm';
  if (!existsSync(directory)) return;
  const segments = readdirSync(directory).filter((name) => name.startsWith('vader_segment.'));
  if (segments.length === 0) return;
  const maps = processIds()
    .map((pid) => procFile(`/proc/${pid}/maps`))
    .join('\n');
  for (const name of segments) {
    if (!maps.includes(name)) rmSync(join(directory, name), { force: true });
  }
}
