import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExitReport, Job, LaunchedJob, Launcher } from '../launcher.ts';
import { notStarted } from '../not-started.ts';
import { kernelMemoryKills, memoryComplaint } from '../processes/out-of-memory.ts';
import { bootId, isAlive, type ProcessIdentity } from '../processes/process-identity.ts';
import { type ProcessEnd, startGroup } from '../processes/start-group.ts';
import { filledHere } from '../start-script.ts';
import { attemptFamily, oldestOf } from './family.ts';

/** Milliseconds between looks at a process that is no child of ours. */
const lookMs = 50;

/**
 * One process on this host that plays all k workers, or starts them itself. It leads a session of its own, so it
 * survives the engine and a Ctrl-C in the terminal, and is stopped with everything it started, whoever that calls its
 * parent.
 */
export function localLauncher(): Launcher {
  return {
    name: 'local',
    start: async (job) => startProcess(job),
    async attach({ attempt, handle, runDirectory }) {
      const leader = handle === null ? oldestOf(attempt) : toIdentity(handle);
      if (leader !== null && isAlive(leader))
        return followStranger(leader, { attempt, log: logOf(runDirectory, attempt) });
      // A leader that is gone may have left workers behind, which train on.
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

/** The environment of a job's processes: the engine's, the program's, and who they are. */
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

async function startProcess(job: Job): Promise<LaunchedJob> {
  const { directory } = job.program;
  const log = logOf(job.runDirectory, job.attempt);
  const killsBefore = kernelMemoryKills();
  const started = await startGroup({
    command: commandOf(job),
    directory,
    environment: jobEnvironment(job),
    log,
    missing: `there is no program "${job.program.command[0]}", or no folder ${directory}. Check trainer.command and trainer.directory`,
  });
  if (typeof started === 'string') return notStarted(started);
  const { handle, ended } = started;
  const family = attemptFamily({ attempt: job.attempt, leader: toIdentity(handle) });
  const exited = ended.then(async (end) => {
    await family.gone();
    return withMemory(reportOf(end), { log, killsBefore });
  });
  return { handle, exited, ...family.endings(exited) };
}

function reportOf({ code, signal }: ProcessEnd): ExitReport {
  return signal === null ? { how: 'exited', code: code ?? 0 } : { how: 'signalled', signal };
}

function withMemory(report: ExitReport, { log, killsBefore }: { log: string; killsBefore: number }): ExitReport {
  if (report.how === 'exited' && report.code === 0) return report;
  const complaint = memoryComplaint(log);
  if (complaint !== null) return { how: 'outOfMemory', message: complaint };
  if (report.how === 'signalled' && report.signal === 'SIGKILL' && kernelMemoryKills() > killsBefore) {
    return { how: 'outOfMemory', message: 'the kernel killed the process because the host ran out of memory' };
  }
  return report;
}

/** A process that another engine started: its exit code went to somebody else. */
function followStranger(leader: ProcessIdentity, { attempt, log }: { attempt: string; log: string }): LaunchedJob {
  const killsBefore = kernelMemoryKills();
  const family = attemptFamily({ attempt, leader });
  const exited = leaderGone(leader)
    .then(family.gone)
    .then(() => withMemory({ how: 'gone' }, { log, killsBefore }));
  return { handle: { ...leader }, exited, ...family.endings(exited) };
}

async function leaderGone(leader: ProcessIdentity): Promise<void> {
  while (isAlive(leader)) await delay(lookMs);
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
