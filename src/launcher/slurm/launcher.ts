import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SlurmLauncherConfig } from '../../config/sections/launcher.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';
import { stackSignal } from '../../protocol/heartbeat-file.ts';
import { insistedEnd } from '../insisted-end.ts';
import type { ExitReport, Job, LaunchedJob, Launcher, StartedJob } from '../launcher.ts';
import { logOf } from '../local/launcher.ts';
import { notStarted } from '../not-started.ts';
import { endAll } from '../processes/attempt-processes.ts';
import { busyWith } from '../processes/busy-with.ts';
import { silenceWatch } from '../processes/silence-watch.ts';
import { exitOfCode, isOver, slurmExit } from './exit.ts';
import { type QueueEntry, type SlurmQueue, slurmQueue } from './queue.ts';
import { cancelMark, exitMark, slurmScript } from './script.ts';
import { waitsBecause } from './wait.ts';

/**
 * Runs jobs through Slurm, from a login node, inside an allocation or wherever `sbatch` works; jobs outlive the engine.
 * `requeueSeconds`: how long Slurm may show a job as ended while it puts the job back into the queue.
 */
export function slurmLauncher(
  config: SlurmLauncherConfig,
  queue: SlurmQueue = slurmQueue({ clusters: clustersOf(config) }),
  { requeueSeconds = 2 }: { requeueSeconds?: number } = {},
): Launcher {
  return {
    name: 'slurm',
    async start(job) {
      makeFolder(join(job.runDirectory, 'logs'));
      const script = slurmScript(job, config);
      writeFileSync(join(job.runDirectory, 'logs', `${job.attempt}.sbatch`), script, { mode: 0o600 });
      const submitted = await submit({ script, name: job.attempt, config, queue });
      if ('refused' in submitted) return notStarted(`Slurm refuses the job: ${submitted.refused}`);
      const asks = job.program.start === 'once';
      return follow({ job, jobId: submitted.jobId, asks, config, queue, requeueSeconds });
    },
    async attach(job) {
      const untilMs = performance.now() + config.submitMinutes * 60_000;
      const jobId = jobIdOf(job) ?? (await findWhenReachable(job.attempt, { config, queue, untilMs }));
      if (jobId === null) return null;
      const entry = await queue.entryOf(jobId);
      // A job that ended in another way is followed, so that Slurm's reason is reported.
      const nothingLeft = entry !== 'unreachable' && (!entry.known || entry.state === 'COMPLETED');
      if (!nothingLeft) return follow({ job, jobId, asks: job.handle?.asks === true, config, queue, requeueSeconds });
      await endAll(job.attempt);
      return null;
    },
    describe: (job) => slurmScript(job, config),
  };
}

function jobIdOf({ handle }: StartedJob): string | null {
  return typeof handle?.jobId === 'string' ? handle.jobId : null;
}

/** The clusters that the study's own sbatch options send its jobs to, as in `--clusters=a,b` or `-M a`. */
function clustersOf({ extraArguments }: SlurmLauncherConfig): string | undefined {
  return /(?:^|\s)(?:--clusters?[= ]|-M\s*)(\S+)/.exec(extraArguments.join(' '))?.[1];
}

interface Access {
  config: SlurmLauncherConfig;
  queue: SlurmQueue;
}

/** Submits exactly once: before a retry, makes sure that an unanswered submission has not arrived after all. */
async function submit({
  script,
  name,
  config,
  queue,
}: Access & { script: string; name: string }): Promise<{ jobId: string } | { refused: string }> {
  const untilMs = performance.now() + config.submitMinutes * 60_000;
  for (let waitMs = 1000; ; waitMs = Math.min(60_000, waitMs * 2)) {
    const answer = await queue.submit(script);
    if ('unnamed' in answer) return found(answer.unnamed, { name, config, queue, untilMs });
    if ('jobId' in answer || answer.permanent) return answer;
    const leftMs = untilMs - performance.now();
    await delay(Math.max(0, Math.min(waitMs, leftMs)));
    const arrived = await findWhenReachable(name, { config, queue, untilMs });
    if (arrived !== null) return { jobId: arrived };
    if (leftMs <= 0) return answer;
  }
}

/** Finds the job after sbatch succeeded without printing an id: there is one, and it is never submitted again. */
async function found(
  printed: string,
  { name, config, queue, untilMs }: Access & { name: string; untilMs: number },
): Promise<{ jobId: string } | { refused: string }> {
  for (;;) {
    const jobId = await findWhenReachable(name, { config, queue, untilMs });
    if (jobId !== null) return { jobId };
    if (performance.now() > untilMs) break;
    await delay(config.pollSeconds * 1000);
  }
  return {
    refused: `sbatch printed "${printed}" and no job id, and no queue shows a job "${name}". It may still run: look for it before you resume`,
  };
}

async function findWhenReachable(
  name: string,
  { config, queue, untilMs }: Access & { untilMs: number },
): Promise<string | null> {
  for (;;) {
    const found = await queue.findByName(name);
    if (found !== 'unreachable') return found;
    if (performance.now() > untilMs) {
      throw new AutopilotError(
        'slurm.unreachable',
        `Slurm does not answer, so it is unknown whether there is a job ${name}. Once "squeue" works: autopilot resume`,
      );
    }
    await delay(config.pollSeconds * 1000);
  }
}

/**
 * How long a requeued job stays held back (Slurm itself: two minutes). If it started at once, Slurm would take the exit
 * code of the killed script, still on its way from the node, for that of the new one.
 */
const holdSeconds = 10;

type Known = Extract<QueueEntry, { known: true }>;

interface FollowOptions extends Access {
  job: Pick<Job, 'attempt' | 'runDirectory' | 'workers'>;
  jobId: string;
  /** Whether its script forwards a request to end (USR2). */
  asks: boolean;
  requeueSeconds: number;
}

function follow({ job, jobId, asks, config, queue, requeueSeconds }: FollowOptions): LaunchedJob {
  const { attempt, runDirectory, workers } = job;
  let ended = false;
  let lost: string | null = null;
  let waiting = true;
  let heldUp: string | null = null;
  let over = false;
  /** `scancel` reaches ranks on every node; processes that a command starts are asked only on the engine's host. */
  const elsewhere = asks ? {} : { askElsewhere: () => queue.signal(jobId, String(stackSignal)) };
  const watched = { ...config, runDirectory, attempt, workers, ...elsewhere };
  const watch = silenceWatch({ ...watched, isWaiting: () => waiting });

  async function untilOver(): Promise<ExitReport> {
    let restarts = 0;
    let overBefore = false;
    let heldSinceMs: number | null = null;
    for (;;) {
      const entry = await queue.entryOf(jobId);
      if (entry === 'unreachable') {
        // If Slurm does not answer (another cluster's may never), the exit code that the script recorded is enough.
        const recorded = recordedExit(job);
        if (recorded.state !== 'gone') return lost === null ? recorded : { state: 'workersLost', message: lost };
      } else {
        if (!entry.known) return lost === null ? recordedExit(job) : { state: 'workersLost', message: lost };
        if (isOver(entry.state)) {
          if (overBefore) return slurmExit({ entry, jobId, log: logOf(runDirectory, attempt), ended, lost });
          // A job that goes back into the queue looks cancelled for a moment: an end counts only when it is seen twice.
          overBefore = true;
          await delay(Math.max(pollSeconds(), requeueSeconds) * 1000, undefined, { ref: false });
          continue;
        }
        overBefore = false;
        waiting = entry.state !== 'RUNNING';
        heldUp = waitsBecause(entry, jobId);
        if (waiting || entry.restarts !== restarts) watch.restart();
        restarts = entry.restarts;
        heldSinceMs = heldBack(entry) ? (heldSinceMs ?? performance.now()) : null;
        if (heldSinceMs !== null && performance.now() - heldSinceMs >= holdSeconds * 1000 && !ended) {
          await queue.startNow(jobId);
        }
        if (lost === null) {
          // Silence may also mean a job on its way back into the queue: it counts only while the job is known to run.
          lost = waiting ? cannotLaunch(entry) : await watch.whereItHangs();
          if (lost !== null) await end('KILL');
        }
      }
      const isDueEarly = () => watch.isSilent() && lost === null && entry !== 'unreachable';
      await watch.untilNextPoll({ seconds: pollSeconds, isDueEarly });
    }
  }

  /** Shorter after the job was asked to end: it is soon over, and the caller waits for that. */
  function pollSeconds(): number {
    return ended ? Math.min(config.pollSeconds, requeueSeconds) : config.pollSeconds;
  }

  async function end(signal: 'KILL' | 'TERM'): Promise<void> {
    ended = true;
    writeFileSync(cancelMark(job), '');
    const entry = await queue.entryOf(jobId);
    if (signal === 'TERM' && entry !== 'unreachable' && entry.known && entry.state === 'RUNNING') {
      return asks ? queue.signal(jobId, 'USR2', 'script') : queue.signal(jobId, 'TERM');
    }
    if (signal === 'KILL') await queue.signal(jobId, 'KILL', 'whole');
    return queue.cancel(jobId);
  }

  const exited = untilOver().finally(async () => {
    over = true;
    watch.over();
    // Slurm ends what it tracks on every node; this host is checked because the engine may run on one of the nodes.
    await endAll(attempt);
  });

  return {
    handle: asks ? { jobId, asks } : { jobId },
    exited,
    waiting: () => waiting,
    heldUpBy: () => heldUp,
    busyWith: () => busyWith(watched),
    outlivesEngine: !config.cancelOnInterrupt,
    ...insistedEnd({ end, exited, isOver: () => over, pollSeconds: config.pollSeconds }),
  };
}

/** How the job ended by its script's own record, for a Slurm that forgets jobs and keeps no accounting. */
function recordedExit(job: Pick<Job, 'runDirectory' | 'attempt'>): ExitReport {
  try {
    return exitOfCode(Number.parseInt(readFileSync(exitMark(job), 'utf8'), 10));
  } catch {
    return { state: 'gone' };
  }
}

/** After a failed launch (a broken node, a failing prolog) Slurm holds the job until an administrator steps in. */
function cannotLaunch({ reason }: Known): string | null {
  if (!/^launch.failed.requeued.held$/i.test(reason)) return null;
  return 'Slurm could not launch the job on its nodes, and held it';
}

function heldBack(entry: Known): boolean {
  return entry.state === 'PENDING' && entry.restarts > 0 && entry.reason === 'BeginTime';
}
