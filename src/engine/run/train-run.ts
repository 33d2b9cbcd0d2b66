import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { AttemptRecord, RunRecord, Store } from '../../../db/index.ts';
import { processesFor } from '../../config/sections/processes.ts';
import type { MeasuredAttempt } from '../../domain/measured.ts';
import { epochsOf } from '../../domain/setting.ts';
import type { RunRequest } from '../../domain/study.ts';
import { deployRun, hostsApart } from '../../launcher/deploy/deploy-run.ts';
import { fetchSigns } from '../../launcher/deploy/fetch-signs.ts';
import type { LaunchedJob } from '../../launcher/launcher.ts';
import type { LaunchedAttempt } from '../../protocol/event-lines.ts';
import { prepareRunDirectory, runDirectoryOf } from '../../protocol/run-directory.ts';
import { newSecret } from '../../protocol/secret.ts';
import { type FollowedAttempt, followAttempt } from '../attempt/follow-attempt.ts';
import { type AttemptEnd, isCounted } from '../attempt/judge-attempt.ts';
import type { Training } from '../attempt/training.ts';
import type { Driven, PlannedRun } from '../plans/plan.ts';
import { programOf } from '../study/study-program.ts';
import { commandThreads } from './command-threads.ts';
import { giveDevices } from './give-devices.ts';
import { releaseDevices } from './host-devices.ts';
import { launchedIn } from './launched-in.ts';
import { runSpecOf, scheduleOf } from './run-spec-of.ts';
import { trainerProgram } from './trainer-program.ts';
import { wantedParts } from './wanted-parts.ts';

/** How a run ended, and its last attempt, which is closed together with the result in one transaction. */
export interface TrainedRun {
  end: Exclude<AttemptEnd, { state: 'failed' }> | { state: 'failed'; reason: string };
  /** Null when it was stopped before an attempt began. */
  attempt: { name: string; number: number; exit: string; message: string | null; measured: MeasuredAttempt } | null;
}

/** Everything needed to train a planned run; from here on it has its own stop signal. */
export function trainingOf({ session, plan, meaning }: Driven, planned: PlannedRun, run: RunRecord): Training {
  const { store, study, config, project, say, stops, control } = session;
  const { request, why } = planned;
  const { key, kind } = request;
  return {
    session,
    meaning,
    run,
    why,
    epochs: epochsOf(run.setting, config.epochs),
    schedule: planned.schedule ?? scheduleOf(config, run),
    parts: planned.parts ?? wantedParts({ store, studyId: study.id, config, kind }),
    runDirectory: runDirectoryOf(project, run.id),
    onStarted: (event) => plan.trainerStarted?.(event, say),
    signal: control.signalOf(key),
    interrupted: () =>
      stops.event() === null && stops.failure() === null && plan.outcome() === null && !control.stoppedAlone(key),
  };
}

/** Trains one run to its end: continues an attempt left by an earlier engine, retries what is worth retrying. */
export async function trainRun(training: Training): Promise<TrainedRun> {
  const { session, run, signal } = training;
  const { store, config, say, now, retryDelayMs } = session;
  let previous: { exit: string; epoch: number } | null = null;
  let furthest = -1;
  let vanished = 0;
  for (;;) {
    const next = await nextAttempt(training);
    if (next === null) return { end: { state: 'stopped', reason: 'interrupted' }, attempt: null };
    const { attempt, followed } = next;
    const { end, facts, measured } = followed;
    if (followed.left)
      return { end: { state: 'stopped', reason: 'reason' in end ? end.reason : 'interrupted' }, attempt: null };
    const closed = {
      name: attempt.name,
      number: attempt.number,
      exit: exitOf(end),
      message: 'reason' in end ? end.reason : null,
      measured,
    };
    if (end.state !== 'failed') return { end, attempt: closed };
    const { reason } = end;
    const counts = isCounted(end.exit);
    const same = previous !== null && counts && previous.exit === end.exit && previous.epoch === facts.lastEpoch;
    const spent = countedFailures(store.attemptsOf(run.id)) + (counts ? 1 : 0);
    if (facts.lastEpoch > furthest) vanished = 0;
    furthest = Math.max(furthest, facts.lastEpoch);
    if (end.exit === 'gone') vanished += 1;
    const bounded = spent >= config.attempts || vanished > config.attempts;
    if (!end.again || bounded || (same && end.exit !== 'workersLost')) {
      const twice = same ? ' (twice in the same place)' : '';
      return { end: { state: 'failed', reason: `${reason}${twice}` }, attempt: closed };
    }
    previous = { exit: end.exit, epoch: facts.lastEpoch };
    const delayMs = retryDelayMs(spent + 1);
    store.transaction(() => {
      store.markAttemptEnded(attempt.name, { ...closed, reason: end.exit, timeMs: now() });
      store.appendEvent(run.studyId, { type: 'run.retried', key: run.key, attempt: attempt.number, reason }, now());
    });
    say({ type: 'run.retried', key: run.key, attempt: attempt.number + 1, reason: sentence(reason), delayMs });
    try {
      await delay(delayMs, undefined, { signal });
    } catch {
      return { end: { state: 'stopped', reason: 'interrupted' }, attempt: null };
    }
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function exitOf(end: AttemptEnd): string {
  return end.state === 'failed' ? end.exit : end.state;
}

function countedFailures(attempts: readonly AttemptRecord[]): number {
  return attempts.filter(({ state, exitReason }) => state === 'ended' && isCounted(exitReason ?? '')).length;
}

interface Attempted {
  attempt: LaunchedAttempt;
  followed: FollowedAttempt;
}

/** Null when it was stopped before an attempt began. */
async function nextAttempt(training: Training): Promise<Attempted | null> {
  const { session, run } = training;
  const { store, now } = session;
  const last = store.attemptsOf(run.id).at(-1);
  if (last === undefined || last.state === 'ended') return newAttempt(training, (last?.number ?? 0) + 1);
  const job = await jobOf(training, last);
  if (job !== null && last.state === 'intended') store.markAttemptStarted(last.name, job.handle, now());
  if (job !== null) sayStarted(training, last.number, true);
  const followed = await follow(training, last, job);
  releaseDevices(last.name);
  return { attempt: last, followed };
}

/**
 * The job of an attempt that an earlier engine launched here, or null. If the project has since been moved, the job
 * cannot continue and is stopped; if it is a copy, the job belongs to the original.
 */
async function jobOf({ session, run, runDirectory }: Training, last: AttemptRecord): Promise<LaunchedJob | null> {
  const { launcher, project, config } = session;
  const workers = processesFor(config.trainer, run.workers);
  const where = launchedIn(project, runDirectory);
  if (where === 'original') return null;
  const job = await launcher.attach({ attempt: last.name, handle: last.handle, runDirectory, workers });
  if (where === 'here') return job;
  await job?.stop({ graceMs: config.timeouts.stopSeconds * 1000 });
  return null;
}

async function newAttempt(training: Training, number: number): Promise<Attempted | null> {
  const { session, run, signal } = training;
  const { id: runId, workers, key } = run;
  const attempt = `${runId}.${number}.${randomBytes(4).toString('hex')}`;
  const processes = processesFor(session.config.trainer, workers);
  const devices = await giveDevices({ ...session, attempt, key, workers: processes, signal });
  if (devices === 'stopped') return null;
  try {
    return await launch(training, { name: attempt, number, devices });
  } finally {
    releaseDevices(attempt);
  }
}

interface LaunchOptions {
  name: string;
  number: number;
  /** GPUs that the attempt has to itself. */
  devices: readonly number[] | null;
}

async function launch(training: Training, { name, number, devices }: LaunchOptions): Promise<Attempted> {
  const { session, run, runDirectory, schedule, parts } = training;
  const { store, config, project, launcher, concurrentRuns, now } = session;
  const { id: runId, studyId, workers, key } = run;
  const secret = newSecret();
  const resumeFrom = lastCheckpoint(store, runId);
  const spec = runSpecOf({
    config,
    store: { id: store.id, project },
    run,
    attempt: number,
    concurrentRuns,
    resumeFrom,
    schedule,
    parts,
  });
  store.transaction(() => {
    store.insertAttempt({ name, runId, number, launcher: launcher.name, secret, resumeFrom, createdMs: now() });
    store.appendEvent(studyId, { type: 'attempt.intended', key, name, attempt: number, resumeFrom }, now());
  });
  prepareRunDirectory(runDirectory, spec, name);
  const { hash, broadcast } = await deployRun({
    deploy: config.deploy,
    launcher: config.launcher,
    program: programOf(config),
    spec,
    attempt: name,
    runDirectory,
  });
  const share = commandThreads({ config, run, concurrentRuns });
  const program = trainerProgram({ config, spec, runDirectory, deployed: hash, secret, devices, share });
  const processes = processesFor(config.trainer, workers);
  const job = await launcher.start({ attempt: name, runDirectory, workers: processes, program, broadcast });
  store.transaction(() => {
    store.markAttemptStarted(name, job.handle, now());
    store.markRunStarted(runId, now());
    store.appendEvent(studyId, { type: 'attempt.started', key, name, handle: job.handle }, now());
  });
  sayStarted(training, number, false);
  const attempt = { name, number, secret };
  return { attempt, followed: await follow(training, attempt, job) };
}

async function follow(training: Training, attempt: LaunchedAttempt, job: LaunchedJob | null): Promise<FollowedAttempt> {
  const { config } = training.session;
  const hosts = job === null ? [] : hostsApart(config);
  const { shell } = config.deploy;
  const endFetching = fetchSigns({ shell, hosts, runDirectory: training.runDirectory, attempt: attempt.name });
  return followAttempt(training, { attempt, job }).finally(endFetching);
}

function sayStarted({ session, run, epochs, why }: Training, attempt: number, reattached: boolean): void {
  const { id: runId, seed } = run;
  session.say({ type: 'run.started', runId, request: requestOf(run), attempt, seed, epochs, why, reattached });
}

function requestOf({ key, kind, iteration, repeat, workers, setting }: RunRecord): RunRequest {
  return { key, kind, iteration, repeat, workers, setting };
}

/** The checkpoint with the highest step that still exists. */
function lastCheckpoint(store: Store, runId: string): string | null {
  const checkpoints = store.artifactsOfRun(runId).filter(({ kind, path }) => kind === 'checkpoint' && existsSync(path));
  const steps = checkpoints.map(({ path, detail }) => ({ path, step: Number(detail?.step ?? 0) }));
  return (
    steps.reduce<{ path: string; step: number } | null>(
      (best, one) => (best === null || one.step >= best.step ? one : best),
      null,
    )?.path ?? null
  );
}
