import { setTimeout as delay } from 'node:timers/promises';
import { groupIsAlive } from './process-identity.ts';

/** Milliseconds between checks of processes that are not our children: the system reports an end only to the parent. */
const groupPollMs = 50;

/** Sends a signal to every process of a group; does nothing when none is left. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH')) throw thrown;
  }
}

/** Resolves when no process of the group is left. */
export async function groupGone(group: number): Promise<void> {
  while (groupIsAlive(group)) await delay(groupPollMs);
}
