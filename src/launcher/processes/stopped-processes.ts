import { basename } from 'node:path';
import { marked } from './attempt-processes.ts';
import { procFile } from './proc-file.ts';
import { processIds } from './process-identity.ts';

export interface StoppedProcessesOptions {
  attempt: string;
  /** Seconds after which a stopped process counts as lost. */
  heartbeatSeconds: number;
  /** Milliseconds on a monotonic clock. */
  now?: () => number;
}

/** A process stopped by a signal. */
interface Held {
  pid: number;
  /** Changes whenever the process ran in between: a throttle such as cpulimit continues its process again and again. */
  hold: string;
}

/**
 * Looks for processes of an attempt on this host that are stopped by a signal (SIGSTOP): before a rank's first
 * heartbeat and after its last one, and for mpirun, nothing else shows it. Each call of `look` returns null, or the
 * sentence that says which process is lost. Linux only; processes on other hosts are not seen.
 */
export function stoppedProcesses(options: StoppedProcessesOptions): { look(): string | null } {
  const { attempt, heartbeatSeconds, now = () => performance.now() } = options;
  // A look reads one file per process on the host: 1 % of a core with 2000 processes and the default interval.
  const everyMs = heartbeatSeconds * 100;
  let heldSinceMs = new Map<string, number>();
  let lookedMs = now();

  function look(): string | null {
    const sleptMs = now() - lookedMs;
    if (sleptMs < everyMs) return null;
    lookedMs = now();
    // As with heartbeats: after sleeping itself, the watch starts over.
    if (sleptMs >= (heartbeatSeconds * 1000) / 2) heldSinceMs.clear();
    const held = heldProcesses(attempt);
    heldSinceMs = new Map(held.map(({ hold }) => [hold, heldSinceMs.get(hold) ?? lookedMs]));
    const lost = held.filter(({ hold }) => lookedMs - heldSinceMs.get(hold)! >= heartbeatSeconds * 1000);
    if (lost.length === 0) return null;
    return `${lost.map(name).sort().join(', ')} did not run for ${heartbeatSeconds} s: stopped by a signal (SIGSTOP)`;
  }

  return { look };
}

/** Finds stopped processes first, of which there are hardly ever any, and only then reads their environment. */
function heldProcesses(attempt: string): Held[] {
  const holds = new Map(
    processIds().flatMap((pid) => {
      const hold = holdOf(pid);
      return hold === null ? [] : [[pid, hold]];
    }),
  );
  return marked(attempt, [...holds.keys()]).map((pid) => ({ pid, hold: holds.get(pid)! }));
}

/** proc(5), /proc/pid/status. A process in a debugger does not count: its state is a lower-case t. */
function holdOf(pid: number): string | null {
  const status = procFile(`/proc/${pid}/status`);
  if (!status.includes('\nState:\tT ')) return null;
  return [pid, ...(status.match(/voluntary_ctxt_switches:\t\d+/g) ?? [])].join(' ');
}

function name({ pid }: Held): string {
  const rank = /(?:^|\0)(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)/.exec(procFile(`/proc/${pid}/environ`))?.[1];
  const program = basename(procFile(`/proc/${pid}/cmdline`).split('\0')[0] ?? '');
  return `${rank === undefined ? program : `rank ${rank}`} (pid ${pid})`;
}
