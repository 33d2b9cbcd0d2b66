import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { procFile } from './proc-file.ts';
import { identityOf, type ProcessIdentity, processIds, processStat } from './process-identity.ts';

/** Milliseconds between looks at processes that are no children of ours: the system tells only their parent. */
const pollMs = 50;

/**
 * Every living process of an attempt on this host: those that carry its mark in their environment, what they started,
 * and the session of the job's leader, which has the mark even where a process wiped its environment. Workers that
 * lead sessions of their own (torchrun's) and whose parent is gone are among them. Linux only.
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

/** Those of these processes that carry an attempt's mark in their environment. */
export function marked(attempt: string, among: readonly number[]): number[] {
  const mark = `AUTOPILOT_ATTEMPT=${attempt}`;
  return among.filter((pid) => procFile(`/proc/${pid}/environ`).split('\0').includes(mark));
}

/** A session keeps its number from later processes while one of its own lives: whoever has it now is the leader, or its heir. */
function stillNamed({ pid, processStart }: ProcessIdentity): boolean {
  const found = identityOf(pid);
  return found === null || found.processStart === processStart;
}

/** A process of another user's cannot be ended, and is none of an attempt's. */
function isMine(pid: number): boolean {
  const own = process.getuid?.();
  return own === 0 || statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === own;
}

/** Signals the processes; those that are gone already are left out. */
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
  /** Milliseconds on `performance.now`'s clock from which on what is left is killed; asked again at every look. Left out: at once. */
  killFromMs?: () => number;
  /** Those known before: one that is being killed has lost its environment, and may still write. */
  known?: readonly ProcessIdentity[];
}

/** Asks what is left of an attempt on this host to end, then kills it; resolves when nothing of it writes any more. */
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

/** SIGTERM; a stopped process takes none until it goes on. */
export function askToEnd(processes: readonly ProcessIdentity[]): void {
  signalAll(processes, 'SIGTERM');
  signalAll(processes, 'SIGCONT');
}
