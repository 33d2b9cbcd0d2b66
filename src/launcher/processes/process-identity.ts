import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Distinguishes a process from a later one with the same id: when it started, and in which boot of which host. */
export interface ProcessIdentity {
  host: string;
  bootId: string;
  pid: number;
  /** Clock ticks since boot on Linux, a date elsewhere. */
  processStart: string;
}

let boot: string | undefined;

/** Changes with every boot of this host; empty where the system does not say. */
export function bootId(): string {
  boot ??= readBootId();
  return boot;
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** Null when there is no such process, or only a zombie. */
export function identityOf(pid: number): ProcessIdentity | null {
  const processStart = process.platform === 'linux' ? (processStat(pid)?.start ?? null) : startDate(pid);
  return processStart === null ? null : { host: hostname(), bootId: bootId(), pid, processStart };
}

/** True while this very process, not a later one with its id, runs on this host. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.host !== hostname() || identity.bootId !== bootId()) return false;
  return identityOf(identity.pid)?.processStart === identity.processStart;
}

/** Facts about a living process; a zombie is not one. */
export interface ProcessStat {
  parent: number;
  group: number;
  session: number;
  /** Clock ticks since boot. */
  start: string;
}

/** proc(5), /proc/pid/stat: the command in parentheses may hold anything, so fields are counted from the last `)`. */
export function processStat(pid: number): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, parent, group, session, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    return { parent: Number(parent), group: Number(group), session: Number(session), start: rest[15] ?? '' };
  } catch {
    return null;
  }
}

/**
 * When a process started, according to `ps`, where there is no `/proc`. Independent of this process's language and time
 * zone, which would otherwise make it look like another process.
 */
export function startDate(pid: number): string | null {
  try {
    const text = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    });
    const [state, ...date] = text.trim().split(/\s+/);
    return state === undefined || state === '' || state.startsWith('Z') ? null : date.join(' ');
  } catch {
    return null;
  }
}

/** True while any process of a group lives; zombies do not count. */
export function groupIsAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  return processIds().some((pid) => processStat(pid)?.group === group);
}

/** The ids of this host's processes; empty where there is no `/proc` as on Linux. */
export function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}
