import { basename } from 'node:path';
import { marked } from './attempt-processes.ts';
import { procFile } from './proc-file.ts';
import { processIds } from './process-identity.ts';

export interface StoppedProcessesOptions {
  attempt: string;
  /** Seconds after which a stopped process counts as lost. */
  heartbeatSeconds: number;
  /** Milliseconds on a clock that only goes forward. */
  now?: () => number;
}

/** A process that a signal holds. */
interface Held {
  pid: number;
  /** Another one every time that it ran in between: a throttle such as cpulimit lets its process go again and again. */
  hold: string;
}

/**
 * Looks for processes of an attempt on this host that a signal holds (SIGSTOP): before a rank's first heartbeat and
 * after its last one, and for mpirun, nothing else shows it. Each call of `look` gives null, or the sentence that says
 * which process is lost. Linux only; other hosts' processes are not seen.
 */
export function stoppedProcesses(options: StoppedProcessesOptions): { look(): string | null } {
  const { attempt, heartbeatSeconds, now = () => performance.now() } = options;
  // A look reads a file per process of the host: a hundredth of a core with two thousand of them and the default.
  const everyMs = heartbeatSeconds * 100;
  let heldSinceMs = new Map<string, number>();
  let lookedMs = now();

  function look(): string | null {
    const sleptMs = now() - lookedMs;
    if (sleptMs < everyMs) return null;
    lookedMs = now();
    // As with heartbeats: who was asleep itself begins anew.
    if (sleptMs >= (heartbeatSeconds * 1000) / 2) heldSinceMs.clear();
    const held = heldProcesses(attempt);
    heldSinceMs = new Map(held.map(({ hold }) => [hold, heldSinceMs.get(hold) ?? lookedMs]));
    const lost = held.filter(({ hold }) => lookedMs - heldSinceMs.get(hold)! >= heartbeatSeconds * 1000);
    if (lost.length === 0) return null;
    return `${lost.map(name).sort().join(', ')} did not run for ${heartbeatSeconds} s: stopped by a signal (SIGSTOP)`;
  }

  return { look };
}

/** Looks for held processes first, of which there are hardly ever any, and at their environment then. */
function heldProcesses(attempt: string): Held[] {
  const holds = new Map(
    processIds().flatMap((pid) => {
      const hold = holdOf(pid);
      return hold === null ? [] : [[pid, hold]];
    }),
  );
  return marked(attempt, [...holds.keys()]).map((pid) => ({ pid, hold: holds.get(pid)! }));
}

/** proc(5), /proc/pid/status. A debugger's process is no loss: its state is a small t. */
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
