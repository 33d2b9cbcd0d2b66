import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Tells a process from a later one with the same id: when it started, and in which boot of which host. */
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

/** Null when there is no such process, or only its corpse (a zombie that nobody waits for). */
export function identityOf(pid: number): ProcessIdentity | null {
  const processStart = process.platform === 'linux' ? startTicks(pid) : startDate(pid);
  return processStart === null ? null : { host: hostname(), bootId: bootId(), pid, processStart };
}

/** True while this very process, not a later one with its id, runs on this host. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.host !== hostname() || identity.bootId !== bootId()) return false;
  return identityOf(identity.pid)?.processStart === identity.processStart;
}

interface ProcessStat {
  state: string;
  group: number;
  start: string;
}

/** proc(5), /proc/pid/stat: the command in parentheses may hold anything, so fields count from the last `)`. */
function stat(pid: number): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', group: Number(fields[2]), start: fields[19] ?? '' };
  } catch {
    return null;
  }
}

function startTicks(pid: number): string | null {
  const found = stat(pid);
  return found === null || found.state === 'Z' || found.state === 'X' ? null : found.start;
}

function startDate(pid: number): string | null {
  try {
    const [state, ...date] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return state === undefined || state === '' || state.startsWith('Z') ? null : date.join(' ');
  } catch {
    return null;
  }
}

/** True while any process of a group lives; corpses do not count. */
export function groupIsAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  return processIds().some((pid) => {
    const found = stat(pid);
    return found !== null && found.group === group && found.state !== 'Z' && found.state !== 'X';
  });
}

/** The process that leads the group of a job, found by the attempt's name in its environment. Linux only. */
export function findByAttempt(attempt: string): number | null {
  const wanted = `AUTOPILOT_ATTEMPT=${attempt}`;
  for (const pid of processIds()) {
    const found = stat(pid);
    if (found === null || found.state === 'Z' || found.group !== pid) continue;
    if (environmentOf(pid).includes(wanted)) return pid;
  }
  return null;
}

/** The processes of this host, where the system lists them as Linux does. */
export function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
