import type { LaunchedJob } from '../launcher.ts';
import { askToEnd, endAll, marked, processesOf, signalAll } from '../processes/attempt-processes.ts';
import { groupGone, signalGroup } from '../processes/process-group.ts';
import { identityOf, type ProcessIdentity, processIds, processStat } from '../processes/process-identity.ts';

/** Milliseconds that processes have to end by themselves once the one that started them is gone. */
const leftoverMs = 5000;

export interface FamilyOptions {
  attempt: string;
  /** The process that was started, which leads a process group and a session; null where nobody knows it any more. */
  leader: ProcessIdentity | null;
}

/** The processes of an attempt on this host, and their end. */
export function attemptFamily({ attempt, leader }: FamilyOptions) {
  const group = leader?.pid;
  let killFromMs: number | null = null;

  let killed: ProcessIdentity[] = [];

  function kill(): void {
    killFromMs = 0;
    killed = [...killed, ...processesOf(attempt, leader)];
    signalAll(killed, 'SIGKILL');
    if (group !== undefined) signalGroup(group, 'SIGKILL');
  }

  return {
    /** Ends all of them now. */
    kill,

    /** The leader is over: what it left behind is asked to end, and then killed. Resolves when none is left. */
    async gone(): Promise<void> {
      const ownMs = performance.now() + leftoverMs;
      await endAll(attempt, { leader, killFromMs: () => killFromMs ?? ownMs, known: killed });
      // Where the system lists no processes, the group is all that is known of them.
      if (process.platform === 'linux' || group === undefined) return;
      signalGroup(group, 'SIGKILL');
      await groupGone(group);
    },

    endings: (exited: Promise<unknown>): Pick<LaunchedJob, 'stop' | 'kill'> => ({
      async stop({ graceMs }) {
        killFromMs ??= performance.now() + graceMs;
        // The leader alone first: torchrun asks its workers by itself, and twice is once too often for many a script.
        if (group !== undefined) {
          signalGroup(group, 'SIGTERM');
          // A stopped process takes no SIGTERM until it goes on.
          signalGroup(group, 'SIGCONT');
        }
        const rest = () =>
          askToEnd(processesOf(attempt, leader).filter(({ pid }) => processStat(pid)?.group !== group));
        const timers = [setTimeout(rest, graceMs / 2), setTimeout(kill, graceMs)];
        try {
          await exited;
        } finally {
          timers.forEach(clearTimeout);
        }
      },
      async kill() {
        kill();
        await exited;
      },
    }),
  };
}

/** The process of an attempt that was there first; null where none is. */
export function oldestOf(attempt: string): ProcessIdentity | null {
  const found = marked(
    attempt,
    processIds().filter((pid) => pid !== process.pid),
  ).flatMap((pid) => identityOf(pid) ?? []);
  return found.reduce<ProcessIdentity | null>(
    (first, one) => (first !== null && Number(first.processStart) <= Number(one.processStart) ? first : one),
    null,
  );
}
