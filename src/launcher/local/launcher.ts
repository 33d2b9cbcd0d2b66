import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Liveness } from '../../config/sections/launcher.ts';
import type { ExitReport, Job, JobHandle, LaunchedJob, Launcher } from '../launcher.ts';
import { notStarted } from '../not-started.ts';
import { busyWith } from '../processes/busy-with.ts';
import { hangWatch } from '../processes/hang-watch.ts';
import { kernelMemoryKills, memoryComplaint } from '../processes/out-of-memory.ts';
import { bootId, isAlive, type ProcessIdentity } from '../processes/process-identity.ts';
import { type ProcessEnd, startGroup } from '../processes/start-group.ts';
import { filledHere } from '../start-script.ts';
import { attemptFamily, oldestOf } from './family.ts';

/** Milliseconds between checks of a process that is not our child. */
const lookMs = 50;

/**
 * One process on this host that plays all k workers, or starts them itself. It leads its own session, so it survives
 * the engine and a Ctrl-C in the terminal, and is stopped with all the processes it started, whatever their parent.
 */
export function localLauncher(liveness: Liveness | null = null): Launcher {
  return {
    name: 'local',
    start: (job) => startProcess(job, liveness),
    async attach(job) {
      const leader = job.handle === null ? oldestOf(job.attempt) : toIdentity(job.handle);
      if (leader !== null && isAlive(leader)) {
        return follow({ job, liveness, leader, handle: { ...leader }, ended: leaderGone(leader) });
      }
      // A leader that is gone may have left workers behind that are still training.
      const { attempt } = job;
      await attemptFamily({ attempt, leader: leader !== null && isOfThisBoot(leader) ? leader : null }).gone();
      return null;
    },
    describe: (job) => `in ${job.program.directory}\n${commandOf(job).join(' ')}\n`,
  };
}

/** Standard output and error of an attempt. */
export function logOf(runDirectory: string, attempt: string): string {
  return join(runDirectory, 'logs', `${attempt}.log`);
}

/** The environment of a job's processes: the engine's, the program's, and the run and attempt. */
function jobEnvironment(job: Job): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...job.program.environment,
    AUTOPILOT_RUN: job.runDirectory,
    AUTOPILOT_ATTEMPT: job.attempt,
  };
}

function commandOf({ program: { command, start }, workers }: Job): readonly string[] {
  return start === 'perNode' ? filledHere(command, workers) : command;
}

async function startProcess(job: Job, liveness: Liveness | null): Promise<LaunchedJob> {
  const { directory } = job.program;
  const started = await startGroup({
    command: commandOf(job),
    directory,
    environment: jobEnvironment(job),
    log: logOf(job.runDirectory, job.attempt),
    missing: `there is no program "${job.program.command[0]}", or no folder ${directory}. Check trainer.command and trainer.directory`,
  });
  if (typeof started === 'string') return notStarted(started);
  const { handle, ended } = started;
  return follow({ job, liveness, leader: toIdentity(handle), handle, ended });
}

interface FollowOptions {
  job: Pick<Job, 'attempt' | 'runDirectory'>;
  /** Null: hangs are not watched for. */
  liveness: Liveness | null;
  leader: ProcessIdentity | null;
  handle: JobHandle;
  /** The leader's end; null when its exit code went to an earlier engine. */
  ended: Promise<ProcessEnd | null>;
}

function follow({ job, liveness, leader, handle, ended }: FollowOptions): LaunchedJob {
  const { attempt, runDirectory } = job;
  const log = logOf(runDirectory, attempt);
  const killsBefore = kernelMemoryKills();
  const family = attemptFamily({ attempt, leader });
  const watch = liveness && hangWatch({ ...liveness, runDirectory, attempt, end: family.kill });
  const exited = ended.then(async (end) => {
    watch?.over();
    await family.gone();
    const lost = watch?.lost() ?? null;
    return lost === null
      ? withMemory(reportOf(end), { log, killsBefore })
      : { state: 'workersLost' as const, message: lost };
  });
  return { handle, exited, busyWith: () => busyWith(job), ...family.endings(exited) };
}

function reportOf(end: ProcessEnd | null): ExitReport {
  if (end === null) return { state: 'gone' };
  const { code, signal } = end;
  return signal === null ? { state: 'exited', code: code ?? 0 } : { state: 'signalled', signal };
}

function withMemory(report: ExitReport, { log, killsBefore }: { log: string; killsBefore: number }): ExitReport {
  if (report.state === 'exited' && report.code === 0) return report;
  const complaint = memoryComplaint(log);
  if (complaint !== null) return { state: 'outOfMemory', message: complaint };
  if (report.state === 'signalled' && report.signal === 'SIGKILL' && kernelMemoryKills() > killsBefore) {
    return { state: 'outOfMemory', message: 'the kernel killed the process because the host ran out of memory' };
  }
  return report;
}

async function leaderGone(leader: ProcessIdentity): Promise<null> {
  while (isAlive(leader)) await delay(lookMs);
  return null;
}

function isOfThisBoot({ host, bootId: boot }: ProcessIdentity): boolean {
  return host === hostname() && boot === bootId();
}

function toIdentity(handle: Record<string, unknown>): ProcessIdentity | null {
  const { host, bootId, pid, processStart } = handle;
  if (typeof host !== 'string' || typeof bootId !== 'string') return null;
  if (typeof pid !== 'number' || typeof processStart !== 'string') return null;
  return { host, bootId, pid, processStart };
}
