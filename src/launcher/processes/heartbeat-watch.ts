import { hostname } from 'node:os';
import { type Heartbeat, heartbeatDirectory, readHeartbeats } from '../../protocol/heartbeat-file.ts';
import { identityOf } from './process-identity.ts';

export interface HeartbeatWatchOptions {
  runDirectory: string;
  attempt: string;
  /** Seconds without a heartbeat after which a rank counts as lost. */
  heartbeatSeconds: number;
  /** Seconds without a step of any rank after which the job counts as stuck. */
  stallSeconds: number;
  /** Number of ranks that must beat once one does; left out: only those that did. */
  workers?: number | undefined;
  /** Milliseconds on a monotonic clock. */
  now?: () => number;
}

/** A start may take this many times `heartbeatSeconds`. */
const startFactor = 4;

interface Seen {
  last: Heartbeat;
  changedMs: number;
}

/**
 * Watches the heartbeats of a job's ranks. Each call of `look` returns null, or the sentence that says which rank is
 * lost. A job is not watched until a rank beats: a trainer in another language need not send heartbeats.
 */
export function heartbeatWatch(options: HeartbeatWatchOptions): { look(): string | null } {
  const { runDirectory, attempt, heartbeatSeconds, stallSeconds, workers = 0, now = () => performance.now() } = options;
  const directory = heartbeatDirectory(runDirectory, attempt);
  const ranks = new Map<number, Seen>();
  let firstMs = now();
  let steppedMs = now();
  let lookedMs = now();

  /** A reader that was itself asleep (a suspended laptop, a stopped engine) must not blame the ranks. */
  function forgiveOwnSleep(): void {
    const slept = now() - lookedMs;
    lookedMs = now();
    if (slept < (heartbeatSeconds * 1000) / 2) return;
    for (const seen of ranks.values()) seen.changedMs = now();
    steppedMs = now();
    firstMs = now();
  }

  function look(): string | null {
    forgiveOwnSleep();
    for (const beat of readHeartbeats(directory)) {
      const seen = ranks.get(beat.rank);
      if (seen?.last.beat === beat.beat && seen.last.pid === beat.pid) continue;
      if (ranks.size === 0) firstMs = now();
      ranks.set(beat.rank, { last: beat, changedMs: now() });
      if (seen === undefined || progressOf(seen.last) !== progressOf(beat)) steppedMs = now();
    }
    return silent() ?? neverBegun() ?? stuck();
  }

  function silent(): string | null {
    const lost = [...ranks.values()].filter(
      ({ last, changedMs }) => !isOver(last) && now() - changedMs > patience(last) * 1000,
    );
    if (lost[0] === undefined) return null;
    return `${name(lost)} gave no sign of life for ${patience(lost[0].last)} s`;
  }

  /** Longer for a script: a Python thread beats late while a library holds the interpreter. */
  function patience({ progress }: Heartbeat): number {
    return progress === undefined ? heartbeatSeconds : startFactor * heartbeatSeconds;
  }

  /** Ranks of one job begin within seconds of each other; one stopped by a signal at its start never begins. */
  function neverBegun(): string | null {
    const seconds = startFactor * heartbeatSeconds;
    if (ranks.size === 0 || now() - firstMs <= seconds * 1000) return null;
    // In a script that reports its progress, one process may send heartbeats for all.
    if ([...ranks.values()].some(({ last }) => last.progress !== undefined)) return null;
    const missing = Array.from({ length: workers }, (_, rank) => rank).filter((rank) => !ranks.has(rank));
    if (missing.length === 0) return null;
    return `${listed(missing.map((rank) => `rank ${rank}`))} did not begin within ${seconds} s of the others`;
  }

  function stuck(): string | null {
    if (ranks.size === 0 || now() - steppedMs <= stallSeconds * 1000) return null;
    const suspects = [...ranks.values()].filter(({ last }) => last.phase === 'working');
    const who = suspects.length === 0 ? '' : `; not waiting for others: ${name(suspects)}`;
    return `no step was made for ${stallSeconds} s${who}`;
  }

  return { look };
}

/** Whether a rank has ended. A script's process that is gone from this host may be done, which its launcher knows. */
function isOver({ phase, progress, host, pid }: Heartbeat): boolean {
  return phase === 'done' || (progress !== undefined && host === hostname() && identityOf(pid) === null);
}

function progressOf({ step, progress = step }: Heartbeat): number {
  return progress;
}

function name(seen: readonly Seen[]): string {
  const each = seen.map(({ last }) => last).sort((a, b) => a.rank - b.rank);
  return listed(each.map(({ rank, host, pid, step }) => `rank ${rank} (pid ${pid} on ${host}, step ${step})`));
}

/** Maximum number of ranks that a sentence lists. */
const mostListed = 8;

function listed(each: readonly string[]): string {
  const more = each.length - mostListed;
  return more > 0 ? `${each.slice(0, mostListed).join(', ')} and ${more} more` : each.join(', ');
}
