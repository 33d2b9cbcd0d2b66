import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExitReport, Job, LaunchedJob, Launcher } from '../launcher.ts';
import { notStarted } from '../not-started.ts';
import { kernelMemoryKills, memoryComplaint } from '../processes/out-of-memory.ts';
import { endGroup, groupGone, groupPollMs, signalGroup } from '../processes/process-group.ts';
import {
  bootId,
  findByAttempt,
  groupIsAlive,
  identityOf,
  isAlive,
  type ProcessIdentity,
} from '../processes/process-identity.ts';
import { type ProcessEnd, startGroup } from '../processes/start-group.ts';
import { filledHere } from '../start-script.ts';

/**
 * One process on this host that plays all k workers, or starts them itself. It leads a process group of its own, so
 * it survives the engine and a Ctrl-C in the terminal, and is stopped with everything it started.
 */
export function localLauncher(): Launcher {
  return {
    name: 'local',
    start: async (job) => startProcess(job),
    async attach({ attempt, handle, runDirectory }) {
      const identity = handle === null ? identityByName(attempt) : toIdentity(handle);
      if (identity === null) return null;
      if (isAlive(identity)) return followStranger(identity, logOf(runDirectory, attempt));
      await endOrphans(identity);
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
  const { pid, handle, ended } = started;
  const exited = ended.then(async (end) => {
    await gangGone(pid);
    return withMemory(reportOf(end), { log, killsBefore });
  });
  return { handle, ...endings(pid, exited) };
}

function reportOf({ code, signal }: ProcessEnd): ExitReport {
  return signal === null ? { how: 'exited', code: code ?? 0 } : { how: 'signalled', signal };
}

/** The leader is over: what it started and left behind is stopped too, so that nothing writes any more. */
async function gangGone(group: number): Promise<void> {
  signalGroup(group, 'SIGKILL');
  await groupGone(group);
}

function endings(group: number, exited: Promise<ExitReport>): Omit<LaunchedJob, 'handle'> {
  return {
    exited,
    stop: ({ graceMs }) => endGroup(group, { graceMs, exited }),
    async kill() {
      signalGroup(group, 'SIGKILL');
      await exited;
    },
  };
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
function followStranger(identity: ProcessIdentity, log: string): LaunchedJob {
  const killsBefore = kernelMemoryKills();
  const exited = leaderGone(identity)
    .then(() => gangGone(identity.pid))
    .then(() => withMemory({ how: 'gone' }, { log, killsBefore }));
  return { handle: { ...identity }, ...endings(identity.pid, exited) };
}

async function leaderGone(identity: ProcessIdentity): Promise<void> {
  while (isAlive(identity)) await delay(groupPollMs);
}

/** A leader that is gone may have left ranks behind. As long as one of them lives, nobody else gets the group's id. */
async function endOrphans({ host, bootId: boot, pid }: ProcessIdentity): Promise<void> {
  const ours = host === hostname() && boot === bootId() && identityOf(pid) === null;
  if (ours && groupIsAlive(pid)) await gangGone(pid);
}

function identityByName(attempt: string): ProcessIdentity | null {
  const pid = findByAttempt(attempt);
  return pid === null ? null : identityOf(pid);
}

function toIdentity(handle: Record<string, unknown>): ProcessIdentity | null {
  const { host, bootId, pid, processStart } = handle;
  if (typeof host !== 'string' || typeof bootId !== 'string') return null;
  if (typeof pid !== 'number' || typeof processStart !== 'string') return null;
  return { host, bootId, pid, processStart };
}
