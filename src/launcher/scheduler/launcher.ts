import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SchedulerLauncherConfig } from '../../config/sections/launcher.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { shellText } from '../../domain/text/shell-text.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';
import { stackSignal } from '../../protocol/heartbeat-file.ts';
import { insistedEnd } from '../insisted-end.ts';
import type { ExitReport, Job, LaunchedJob, Launcher, StartedJob } from '../launcher.ts';
import { notStarted } from '../not-started.ts';
import { endAll } from '../processes/attempt-processes.ts';
import { busyWith } from '../processes/busy-with.ts';
import { silenceWatch } from '../processes/silence-watch.ts';
import { exitOfCode, exitOfState } from './exit.ts';
import { templatesOf } from './own-templates.ts';
import { type SchedulerQueue, schedulerQueue } from './queue.ts';
import { askedFolder, exitMark, schedulerScript, scriptFileOf, valuesOf } from './script.ts';
import { submitOnce } from './submit.ts';
import { commandOf } from './template.ts';

/** Milliseconds that a job's script has to end its processes itself before the scheduler is told to. */
const ownEndMs = 4000;

/** Seconds between checks of a job that is about to end. */
const endingSeconds = 1;

/** Any scheduler with commands that submit a script, report a job's state and end the job. Jobs outlive the engine. */
export function schedulerLauncher(
  config: SchedulerLauncherConfig,
  queue: SchedulerQueue = schedulerQueue(templatesOf(config)),
): Launcher {
  const templates = templatesOf(config);
  return {
    name: 'scheduler',
    async start(job) {
      makeFolder(askedFolder(job));
      writeFileSync(scriptFileOf(job), schedulerScript(job, config, templates), { mode: 0o700 });
      const submitted = await submitOnce({ name: job.attempt, values: valuesOf(job, config), config, queue });
      if ('refused' in submitted) return notStarted(`the scheduler refuses the job: ${submitted.refused}`);
      return follow({ job, jobId: submitted.jobId, ranks: job.program.start !== 'once', config, queue });
    },
    async attach(job) {
      const ranks = job.handle?.ranks === true;
      const jobId = jobIdOf(job) ?? (await findWhenReachable(job.attempt, { config, queue }));
      const recorded = recordedCode(job);
      // A job that is still on its way to the queue must not train beside the next attempt.
      if (jobId === null) forbid(job);
      const entry = jobId === null ? null : await queue.entryOf(jobId);
      const nothingLeft =
        jobId === null || recorded === 0 || (recorded === null && entry !== 'unreachable' && entry?.known === false);
      if (!nothingLeft) return follow({ job, jobId, ranks, config, queue });
      await endAll(job.attempt);
      return null;
    },
    describe(job) {
      const values = { ...templates.values, ...valuesOf(job, config) };
      const submit = commandOf(templates.submit, values).map(shellText).join(' ');
      return `${submit}\n\n${scriptFileOf(job)}:\n${schedulerScript(job, config, templates)}`;
    },
  };
}

function jobIdOf({ handle }: StartedJob): string | null {
  return typeof handle?.jobId === 'string' ? handle.jobId : null;
}

/** Makes a job that begins from now on end at once. */
function forbid(job: Pick<Job, 'runDirectory' | 'attempt'>): void {
  makeFolder(askedFolder(job));
  writeFileSync(join(askedFolder(job), 'KILL'), '');
}

interface Access {
  config: SchedulerLauncherConfig;
  queue: SchedulerQueue;
}

async function findWhenReachable(name: string, { config, queue }: Access): Promise<string | null> {
  const untilMs = performance.now() + config.submitMinutes * 60_000;
  for (;;) {
    const found = await queue.findByName(name);
    if (found === 'unknown') {
      throw new AutopilotError(
        'scheduler.lost',
        `It is unknown whether there is a job ${name}, and launcher.find does not say how to find it. Look for it, cancel it, then: autopilot resume`,
      );
    }
    if (found !== 'unreachable') return found;
    if (performance.now() > untilMs) {
      throw new AutopilotError(
        'scheduler.unreachable',
        `The scheduler does not answer, so it is unknown whether there is a job ${name}. Once it does: autopilot resume`,
      );
    }
    await delay(config.pollSeconds * 1000);
  }
}

interface FollowOptions extends Access {
  job: Pick<Job, 'attempt' | 'runDirectory' | 'workers'>;
  jobId: string;
  /** Whether mpirun or the scheduler started its processes, rather than the program itself. */
  ranks: boolean;
}

function follow({ job, jobId: first, ranks, config, queue }: FollowOptions): LaunchedJob {
  const { attempt, runDirectory, workers } = job;
  let jobId = first;
  let ended = false;
  let lost: string | null = null;
  let waiting = true;
  let heldUp: string | null = null;
  let over = false;
  const watched = { ...config, runDirectory, attempt, workers, askElsewhere: async () => ask(String(stackSignal)) };
  const watch = silenceWatch({ ...watched, isWaiting: () => waiting });

  const asWas = (report: ExitReport): ExitReport => (lost === null ? report : { state: 'workersLost', message: lost });

  async function untilOver(): Promise<ExitReport> {
    for (let unseen = 0; ; ) {
      const entry = await queue.entryOf(jobId);
      const code = recordedCode(job);
      if (code !== null) return asWas(exitOfCode({ code, job, ranks, ended }));
      const known = entry !== 'unreachable' && entry.known;
      const isOver = entry !== 'unreachable' && (!entry.known || isEnd(entry.meaning));
      if (isOver) {
        // The mark of a job's end may take a moment to show in a shared folder, and so may a job in the queue.
        unseen += 1;
        if (unseen > 2) {
          const other = await queue.findByName(attempt);
          if (typeof other !== 'string' || other === jobId || !sameNameRuns(await queue.entryOf(other))) {
            return asWas(known ? exitOfState({ entry, jobId, ended }) : { state: 'gone' });
          }
          // A submission that seemed lost had arrived: that job trains, and this one ended when it noticed.
          jobId = other;
          unseen = 0;
        }
      } else if (known) {
        unseen = 0;
        const waited = waiting;
        waiting = entry.meaning === 'waiting' || entry.meaning === 'held';
        heldUp = entry.meaning === 'held' ? heldBack(jobId, entry.state) : null;
        if (waited && !waiting) watch.restart();
        if (lost === null && !waiting) {
          lost = await watch.whereItHangs();
          if (lost !== null) await end('KILL');
        }
      }
      await watch.untilNextPoll({
        seconds: () => (ended || isOver ? Math.min(config.pollSeconds, endingSeconds) : config.pollSeconds),
        isDueEarly: () => (watch.isSilent() && lost === null) || recordedCode(job) !== null,
      });
    }
  }

  /** Leaves a signal in a folder that the job's script watches, wherever it runs. */
  function ask(signal: string): void {
    makeFolder(askedFolder(job));
    writeFileSync(join(askedFolder(job), signal), '');
  }

  async function end(signal: 'KILL' | 'TERM'): Promise<void> {
    ended = true;
    if (waiting) {
      const entry = await queue.entryOf(jobId);
      waiting = entry !== 'unreachable' && entry.known && (entry.meaning === 'waiting' || entry.meaning === 'held');
    }
    if (signal === 'TERM' && !waiting) return ask('TERM');
    ask('KILL');
    // The script also ends processes that lead their own sessions; not every scheduler does.
    if (!waiting) await Promise.race([exited, delay(ownEndMs)]);
    if (!over) await queue.cancel(jobId);
  }

  const exited = untilOver().finally(async () => {
    over = true;
    watch.over();
    await endAll(attempt);
  });

  return {
    handle: { jobId, ranks },
    exited,
    waiting: () => waiting,
    heldUpBy: () => heldUp,
    busyWith: () => busyWith(watched),
    outlivesEngine: !config.cancelOnInterrupt,
    ...insistedEnd({ end, exited, isOver: () => over, pollSeconds: config.pollSeconds }),
  };
}

function isEnd(meaning: string): boolean {
  return meaning !== 'waiting' && meaning !== 'held' && meaning !== 'running';
}

function sameNameRuns(entry: Awaited<ReturnType<SchedulerQueue['entryOf']>>): boolean {
  return entry === 'unreachable' || (entry.known && !isEnd(entry.meaning));
}

function heldBack(jobId: string, state: string): string {
  return `job ${jobId} waits: its scheduler holds it (state ${state}); query the scheduler about the job for the reason`;
}

/** The exit code that a job's script wrote last; null while there is none. */
function recordedCode(job: Pick<Job, 'runDirectory' | 'attempt'>): number | null {
  const file = exitMark(job);
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return /^\d+$/.test(text) ? Number(text) : null;
}
