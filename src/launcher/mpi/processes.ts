import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { procFile } from '../processes/proc-file.ts';
import { identityOf, type ProcessIdentity, processIds } from '../processes/process-identity.ts';

const pollMs = 50;

/** Every living process of an attempt on this host (or those of them named): mpirun, ranks, and what they started. Linux only. */
export function processesOf(attempt: string, among: readonly number[] = processIds()): ProcessIdentity[] {
  const wanted = `AUTOPILOT_ATTEMPT=${attempt}`;
  return among.flatMap((pid) => {
    if (pid === process.pid || !procFile(`/proc/${pid}/environ`).split('\0').includes(wanted)) return [];
    const identity = identityOf(pid);
    return identity === null ? [] : [identity];
  });
}

/** The one among an attempt's processes that is mpirun, or null. */
export function mpirunAmong(processes: readonly ProcessIdentity[]): ProcessIdentity | null {
  const name = /^(mpirun|mpiexec|orterun)(\.(openmpi|mpich|hydra))?$/;
  return (
    processes.find(({ pid }) => name.test(basename(procFile(`/proc/${pid}/cmdline`).split('\0')[0] ?? ''))) ?? null
  );
}

/** The ranks among an attempt's processes, with what they started. */
export function ranksAmong(processes: readonly ProcessIdentity[]): ProcessIdentity[] {
  return processes.filter(({ pid }) => /(^|\0)(OMPI_COMM_WORLD_RANK|PMI_RANK)=/.test(procFile(`/proc/${pid}/environ`)));
}

/** Signals the processes; those that are gone already are left out. */
export function signalAll(processes: readonly ProcessIdentity[], signal: NodeJS.Signals): void {
  for (const { pid, processStart } of processes) {
    if (identityOf(pid)?.processStart !== processStart) continue;
    try {
      process.kill(pid, signal);
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH')) throw thrown;
    }
  }
}

/** Kills what is left of an attempt on this host; resolves when nothing of it writes any more. */
export async function endAll(attempt: string): Promise<void> {
  for (;;) {
    const left = processesOf(attempt);
    if (left.length === 0) return;
    signalAll(left, 'SIGKILL');
    await delay(pollMs);
  }
}

/** Ranks that die uncleanly leave their shared memory behind, 4 MiB each: removes what no process maps any more. */
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
