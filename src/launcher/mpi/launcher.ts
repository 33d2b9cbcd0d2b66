import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MpiLauncherConfig } from '../../config/sections/launcher.ts';
import { installCommand } from '../../domain/native-parts.ts';
import { shellText } from '../../domain/text/shell-text.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';
import { heartbeatDirectory, readHeartbeats } from '../../protocol/heartbeat-file.ts';
import type { ExitReport, Job, JobHandle, LaunchedJob, Launcher, StartedJob } from '../launcher.ts';
import { logOf } from '../local/launcher.ts';
import { notStarted } from '../not-started.ts';
import { askToEnd, endAll, processesOf, signalAll } from '../processes/attempt-processes.ts';
import { busyWith } from '../processes/busy-with.ts';
import { hangWatch } from '../processes/hang-watch.ts';
import { kernelMemoryKills } from '../processes/out-of-memory.ts';
import { isAlive, type ProcessIdentity } from '../processes/process-identity.ts';
import { type ProcessEnd, startGroup } from '../processes/start-group.ts';
import { startScriptOf } from '../start-script.ts';
import { mpirunCommand, mpiStartScript, rankEnvironment, rankLogs } from './command.ts';
import { mpiExit } from './exit.ts';
import { mpirunAmong, ranksAmong, sweepSharedMemory } from './processes.ts';

/** Milliseconds between checks of a process that another engine started. */
const lookMs = 100;

/** Milliseconds that ranks have to end by themselves once mpirun is gone. */
const leftoverMs = 1000;

/** `mpirun` with k ranks, on this host or on those of a hostfile. The ranks are watched and stopped as a whole. */
export function mpiLauncher(config: MpiLauncherConfig): Launcher {
  return {
    name: 'mpi',
    start: (job) => startJob(job, config),
    attach: (job) => attachJob(job, config),
    describe: (job) => describeJob(job, config),
  };
}

function describeJob(job: Job, config: MpiLauncherConfig): string {
  const environment = Object.entries(rankEnvironment(job, config));
  const script = mpiStartScript(job, config);
  return [
    ...environment.map(([name, value]) => `${name}=${shellText(value)} \\\n`),
    `${mpirunCommand(job, config).map(shellText).join(' ')}\n`,
    ...(script === null ? [] : [`\n${startScriptOf(job)}:\n${script}`]),
  ].join('');
}

async function startJob(job: Job, config: MpiLauncherConfig): Promise<LaunchedJob> {
  const script = mpiStartScript(job, config);
  const scriptFile = startScriptOf(job);
  if (script !== null) {
    makeFolder(dirname(scriptFile));
    writeFileSync(scriptFile, script, { mode: 0o600 });
  }
  const killsBefore = kernelMemoryKills();
  const started = await startGroup({
    command: mpirunCommand(job, config),
    directory: job.runDirectory,
    environment: { ...cleanEnvironment(), ...rankEnvironment(job, config) },
    log: logOf(job.runDirectory, job.attempt),
    missing: `there is no "${config.mpirun}". Install Open MPI (Debian: apt-get install openmpi-bin libopenmpi-dev, then: ${installCommand()}), or name it in launcher.mpirun`,
  });
  if (typeof started === 'string') return notStarted(started);
  const { handle, ended } = started;
  return supervise({ job, config, handle, ended, killsBefore });
}

async function attachJob(job: StartedJob, config: MpiLauncherConfig): Promise<LaunchedJob | null> {
  const mpirun = mpirunAmong(processesOf(job.attempt));
  if (mpirun === null) {
    // Ranks whose mpirun is gone end within a second; one stopped by a signal never does.
    await endAll(job.attempt);
    return null;
  }
  const ended = goneFromHere(mpirun);
  return supervise({ job, config, handle: { ...mpirun }, ended, killsBefore: kernelMemoryKills() });
}

async function goneFromHere(mpirun: ProcessIdentity): Promise<null> {
  while (isAlive(mpirun)) await delay(lookMs);
  return null;
}

interface SuperviseOptions {
  job: Pick<Job, 'attempt' | 'runDirectory' | 'workers'>;
  config: MpiLauncherConfig;
  handle: JobHandle;
  /** mpirun's end; null when its exit code went to an earlier engine. */
  ended: Promise<ProcessEnd | null>;
  killsBefore: number;
}

function supervise({ job, config, handle, ended, killsBefore }: SuperviseOptions): LaunchedJob {
  const { attempt, runDirectory } = job;
  let killed: ProcessIdentity[] | null = null;
  // No SIGTERM: mpirun would first wake a stopped rank with SIGCONT, and the rank would continue training.
  const watch = hangWatch({ ...config, runDirectory, attempt, workers: job.workers, end: kill });

  async function end(): Promise<ExitReport> {
    const status = await ended;
    watch.over();
    const lost = watch.lost();
    // Ranks whose mpirun is gone have a moment to end by themselves, unless one is lost: the others would wait for it.
    const ownMs = performance.now() + leftoverMs;
    await endAll(attempt, { killFromMs: () => (lost === null && killed === null ? ownMs : 0), known: killed ?? [] });
    if (status?.code !== 0) sweepSharedMemory();
    if (status === null) return lost === null ? { state: 'gone' } : { state: 'workersLost', message: lost };
    const killedForMemory = kernelMemoryKills() > killsBefore;
    const heartbeats = readHeartbeats(heartbeatDirectory(runDirectory, attempt));
    return mpiExit({
      ...status,
      log: logOf(runDirectory, attempt),
      rankLogs: rankLogs(job),
      lost,
      killedForMemory,
      heartbeats,
    });
  }

  function kill(): void {
    killed = [...(killed ?? []), ...processesOf(attempt)];
    signalAll(killed, 'SIGKILL');
  }

  const exited = end();
  return {
    handle,
    exited,
    busyWith: () => busyWith(job),
    async stop({ graceMs }) {
      askRanksToEnd(attempt);
      const force = setTimeout(kill, graceMs);
      try {
        await exited;
      } finally {
        clearTimeout(force);
      }
    },
    async kill() {
      kill();
      await exited;
    },
  };
}

/**
 * Sends SIGTERM to the ranks on this host, which agree with the others on a last step. mpirun itself would leave them
 * only seconds; if no rank is on this host, mpirun gets SIGUSR2, which it forwards.
 */
function askRanksToEnd(attempt: string): void {
  const processes = processesOf(attempt);
  const mpirun = mpirunAmong(processes);
  const ranks = ranksAmong(processes);
  askToEnd(ranks);
  if (ranks.length === 0 && mpirun !== null) signalAll([mpirun], 'SIGUSR2');
}

/** The environment without MPI's variables: children of an engine inside a job must not act as ranks of that job. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(PMIX|PMI|ORTE|PRTE|HYD|HYDI)_/.test(name) && !/^OMPI_(?!MCA_(?!orte_|ess|pmix)|ALLOW_)/.test(name),
    ),
  );
}
