import type { LaunchedJob } from '../launcher.ts';
import { askToEnd, endAll, marked, processesOf, signalAll } from '../processes/attempt-processes.ts';
import { groupGone, signalGroup } from '../processes/process-group.ts';
import { identityOf, type ProcessIdentity, processIds, processStat } from '../processes/process-identity.ts';

/** Milliseconds that processes have to end by themselves once the one that started them is gone. */
const leftoverMs = 5000;

export interface FamilyOptions {
  attempt: string;
  /** The process that was started, which leads a process group and a session; null if it is no longer known. */
  leader: ProcessIdentity | null;
}

/** The processes of an attempt on this host, and the ways to end them. */
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
    /** Kills all of them now. */
    kill,

    /** After the leader's end: asks the processes it left to end, then kills them. Resolves when none is left. */
    async gone(): Promise<void> {
      const ownMs = performance.now() + leftoverMs;
      await endAll(attempt, { leader, killFromMs: () => killFromMs ?? ownMs, known: killed });
      // Where the system does not list processes, only the group is known.
      if (process.platform === 'linux' || group === undefined) return;
      signalGroup(group, 'SIGKILL');
      await groupGone(group);
    },

    endings: (exited: Promise<unknown>): Pick<LaunchedJob, 'stop' | 'kill'> => ({
      async stop({ graceMs }) {
        killFromMs ??= performance.now() + graceMs;
        // The leader's group first: torchrun asks its workers itself, and many scripts cannot take a second SIGTERM.
        if (group !== undefined) {
          signalGroup(group, 'SIGTERM');
          // A stopped process does not receive SIGTERM until it is continued.
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

/** The oldest process of an attempt; null if there is none. */
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
