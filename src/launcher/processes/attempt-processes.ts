import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { procFile } from './proc-file.ts';
import { identityOf, type ProcessIdentity, processIds, processStat } from './process-identity.ts';

/** Milliseconds between checks of processes that are not our children: the system reports an end only to the parent. */
const pollMs = 50;

/**
 * Every living process of an attempt on this host: those with its mark in their environment, what they started, and the
 * session of the job's leader, even where a process wiped its environment. Workers that lead their own sessions
 * (torchrun's) and whose parent is gone are included. Linux only.
 */
export function processesOf(attempt: string, leader: ProcessIdentity | null = null): ProcessIdentity[] {
  const others = new Map(
    processIds().flatMap((pid) => {
      const stat = pid === process.pid || pid === 1 || !isMine(pid) ? null : processStat(pid);
      return stat === null ? [] : [[pid, stat]];
    }),
  );
  const ours = new Set(marked(attempt, [...others.keys()]));
  const session = leader !== null && stillNamed(leader) ? leader.pid : null;
  for (let before = -1; before !== ours.size; ) {
    before = ours.size;
    for (const [pid, stat] of others) {
      if (ours.has(stat.parent) || ours.has(stat.session) || stat.session === session) ours.add(pid);
    }
  }
  return [...ours].flatMap((pid) => identityOf(pid) ?? []);
}

/** Those of the given processes that have an attempt's mark in their environment. */
export function marked(attempt: string, among: readonly number[]): number[] {
  const mark = `AUTOPILOT_ATTEMPT=${attempt}`;
  return among.filter((pid) => procFile(`/proc/${pid}/environ`).split('\0').includes(mark));
}

/** Whether a session's id is still the leader's: no later process gets it while any process of the session lives. */
function stillNamed({ pid, processStart }: ProcessIdentity): boolean {
  const found = identityOf(pid);
  return found === null || found.processStart === processStart;
}

/** Whether a process may be an attempt's: one of another user cannot be ended and is not. */
function isMine(pid: number): boolean {
  const own = process.getuid?.();
  return own === 0 || statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === own;
}

/** Signals the processes, except those that are already gone. */
export function signalAll(processes: readonly ProcessIdentity[], signal: NodeJS.Signals | number): void {
  for (const { pid, processStart } of processes) {
    if (identityOf(pid)?.processStart !== processStart) continue;
    try {
      process.kill(pid, signal);
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH')) throw thrown;
    }
  }
}

export interface EndAllOptions {
  /** The job's first process. */
  leader?: ProcessIdentity | null;
  /** When to kill what is left, in milliseconds on `performance.now`'s clock; read at every check. Default: at once. */
  killFromMs?: () => number;
  /** Processes known before: one that is being killed has lost its environment, but may still write. */
  known?: readonly ProcessIdentity[];
}

/** Asks an attempt's processes on this host to end, then kills what is left; resolves when none can write any more. */
export async function endAll(attempt: string, { leader = null, killFromMs = () => 0, known = [] }: EndAllOptions = {}) {
  const asked = new Set<number>();
  let seen = [...known];
  for (;;) {
    const found = processesOf(attempt, leader);
    const before = seen.filter(({ pid }) => !found.some((one) => one.pid === pid));
    const left = [...found, ...before.filter((one) => identityOf(one.pid)?.processStart === one.processStart)];
    seen = left;
    if (left.length === 0) return;
    if (performance.now() >= killFromMs()) signalAll(left, 'SIGKILL');
    else {
      askToEnd(left.filter(({ pid }) => !asked.has(pid)));
      for (const { pid } of left) asked.add(pid);
    }
    await delay(pollMs);
  }
}

/** Sends SIGTERM, and SIGCONT since a stopped process does not receive it until it is continued. */
export function askToEnd(processes: readonly ProcessIdentity[]): void {
  signalAll(processes, 'SIGTERM');
  signalAll(processes, 'SIGCONT');
}
