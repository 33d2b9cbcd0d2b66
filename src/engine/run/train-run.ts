import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { AttemptRecord, RunRecord, Store } from '../../../db/index.ts';
import type { ScheduleSpec } from '../../../schedules/spec.ts';
import { metricNames } from '../../config/decision-metrics.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { deployRun, hostsApart } from '../../deploy/deploy-run.ts';
import { fetchSigns } from '../../deploy/fetch-signs.ts';
import type { OnProgress } from '../../domain/progress.ts';
import { epochsOf } from '../../domain/setting.ts';
import type { RunRequest } from '../../domain/study.ts';
import type { LaunchedJob, Launcher } from '../../launcher/launcher.ts';
import { logOf } from '../../launcher/local/launcher.ts';
import type { LaunchedAttempt } from '../../protocol/event-lines.ts';
import { prepareRunDirectory, runDirectoryOf } from '../../protocol/run-directory.ts';
import { newSecret } from '../../protocol/secret.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';
import type { WantedParts } from '../attempt/deciding-parts.ts';
import { type FollowedAttempt, followAttempt } from '../attempt/follow-attempt.ts';
import { type AttemptEnd, isCounted } from '../attempt/judge-attempt.ts';
import type { StudyMetrics } from '../plans/metric-meaning.ts';
import { programOf } from '../study/study-program.ts';
import { runSpecOf, scheduleOf } from './run-spec-of.ts';
import { trainerProgram } from './trainer-program.ts';

export interface TrainRunOptions {
  store: Store;
  config: ResolvedStudyConfig;
  launcher: Launcher;
  /** Folder with `runs/`. */
  project: string;
  concurrentRuns: number;
  run: RunRecord;
  /** What the study's metrics mean. */
  meaning: StudyMetrics;
  why: string;
  /** Which evaluations count. */
  parts: WantedParts;
  /** Another policy than GreScale: for comparisons. */
  schedule?: ScheduleSpec;
  onProgress: OnProgress;
  onStarted: (event: Extract<TrainerEvent, { type: 'started' }>) => void;
  signal: AbortSignal;
  /** Was the engine only interrupted, and the study is to go on later? */
  interrupted: () => boolean;
  now: () => number;
  /** Pause before attempt n (n ≥ 2), milliseconds. */
  retryDelayMs: (attempt: number) => number;
}

/** How a run ended, and its last attempt, which is closed together with the result in one transaction. */
export interface TrainedRun {
  end: Exclude<AttemptEnd, { end: 'failed' }> | { end: 'failed'; reason: string };
  /** Null when it was stopped before an attempt began. */
  attempt: { name: string; number: number; exit: string; message: string | null } | null;
}

/** Trains one run to its end: goes on with an attempt that an earlier engine left, retries what is worth retrying. */
export async function trainRun(options: TrainRunOptions): Promise<TrainedRun> {
  const { store, config, run, onProgress, signal, now, retryDelayMs } = options;
  let previous: { exit: string; epoch: number } | null = null;
  let furthest = -1;
  let vanished = 0;
  for (;;) {
    const { attempt, followed } = await nextAttempt(options);
    const { end, facts } = followed;
    if (followed.left)
      return { end: { end: 'stopped', reason: 'reason' in end ? end.reason : 'interrupted' }, attempt: null };
    const closed = {
      name: attempt.name,
      number: attempt.number,
      exit: exitOf(end),
      message: 'reason' in end ? end.reason : null,
    };
    if (end.end !== 'failed') return { end, attempt: closed };
    const { reason } = end;
    const same = previous !== null && end.counts && previous.exit === end.exit && previous.epoch === facts.lastEpoch;
    const spent = countedFailures(store.attemptsOf(run.id)) + (end.counts ? 1 : 0);
    if (facts.lastEpoch > furthest) vanished = 0;
    furthest = Math.max(furthest, facts.lastEpoch);
    if (end.exit === 'gone') vanished += 1;
    const bounded = spent >= config.attempts || vanished > config.attempts;
    if (!end.again || bounded || (same && end.exit !== 'workersLost')) {
      const twice = same ? ' (the same twice at the same place)' : '';
      return { end: { end: 'failed', reason: `${reason}${twice}` }, attempt: closed };
    }
    previous = { exit: end.exit, epoch: facts.lastEpoch };
    const delayMs = retryDelayMs(spent + 1);
    store.transaction(() => {
      store.markAttemptEnded(attempt.name, { reason: end.exit, message: reason, timeMs: now() });
      store.appendEvent(run.studyId, { type: 'run.retried', key: run.key, attempt: attempt.number, reason }, now());
    });
    onProgress({ type: 'run.retried', key: run.key, attempt: attempt.number + 1, reason: sentence(reason), delayMs });
    try {
      await delay(delayMs, undefined, { signal });
    } catch {
      return { end: { end: 'stopped', reason: 'interrupted' }, attempt: null };
    }
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function exitOf(end: AttemptEnd): string {
  return end.end === 'failed' ? end.exit : end.end;
}

function countedFailures(attempts: readonly AttemptRecord[]): number {
  return attempts.filter(({ state, exitReason }) => state === 'ended' && isCounted(exitReason ?? '')).length;
}

interface Attempted {
  attempt: LaunchedAttempt;
  followed: FollowedAttempt;
}

async function nextAttempt(options: TrainRunOptions): Promise<Attempted> {
  const { store, run, launcher, project } = options;
  const last = store.attemptsOf(run.id).at(-1);
  if (last === undefined || last.state === 'ended') return newAttempt(options, (last?.number ?? 0) + 1);
  const runDirectory = runDirectoryOf(project, run.id);
  const job = await launcher.attach({ attempt: last.name, handle: last.handle, runDirectory, workers: run.workers });
  if (job !== null && last.state === 'intended') store.markAttemptStarted(last.name, job.handle, options.now());
  if (job !== null) sayStarted(options, last.number, true);
  return { attempt: last, followed: await follow(options, last, job) };
}

async function newAttempt(options: TrainRunOptions, number: number): Promise<Attempted> {
  const { store, config, launcher, project, run, now } = options;
  const { id: runId, studyId, seed } = run;
  const name = `${runId}.${number}.${randomBytes(4).toString('hex')}`;
  const secret = newSecret();
  const resumeFrom = lastCheckpoint(store, runId);
  const runDirectory = runDirectoryOf(project, runId);
  const spec = runSpecOf({
    config,
    studyId,
    runId,
    request: run,
    seed,
    attempt: number,
    concurrentRuns: options.concurrentRuns,
    resumeFrom,
    schedule: options.schedule,
    parts: options.parts,
  });
  store.transaction(() => {
    store.insertAttempt({ name, runId, number, launcher: launcher.name, secret, resumeFrom, createdMs: now() });
    store.appendEvent(studyId, { type: 'attempt.intended', key: run.key, name, attempt: number, resumeFrom }, now());
  });
  prepareRunDirectory(runDirectory, spec, name);
  const { deploy } = config;
  const deployed = await deployRun({
    deploy,
    launcher: config.launcher,
    program: programOf(config),
    spec,
    attempt: name,
    runDirectory,
  });
  const program = trainerProgram({
    config,
    spec,
    runDirectory,
    deployed: deployed.hash,
    secret,
  });
  const { broadcast } = deployed;
  const job = await launcher.start({ attempt: name, runDirectory, workers: run.workers, program, broadcast });
  store.transaction(() => {
    store.markAttemptStarted(name, job.handle, now());
    store.markRunStarted(runId, now());
    store.appendEvent(studyId, { type: 'attempt.started', key: run.key, name, handle: job.handle }, now());
  });
  sayStarted(options, number, false);
  const attempt = { name, number, secret };
  return { attempt, followed: await follow(options, attempt, job) };
}

async function follow(
  options: TrainRunOptions,
  attempt: LaunchedAttempt,
  job: LaunchedJob | null,
): Promise<FollowedAttempt> {
  const { store, config, project, run, meaning, onProgress, onStarted, signal, interrupted, now } = options;
  const runDirectory = runDirectoryOf(project, run.id);
  const hosts = job === null ? [] : hostsApart(config);
  const endFetching = fetchSigns({ shell: config.deploy.shell, hosts, runDirectory, attempt: attempt.name });
  return followAttempt({
    store,
    config,
    spec: {
      studyId: run.studyId,
      runId: run.id,
      key: run.key,
      workers: run.workers,
      batchPerWorker: config.batchPerWorker,
      epochs: epochsOf(run.setting, config.epochs),
      setting: run.setting,
      metrics: metricNames(config.decision),
    },
    schedule: options.schedule ?? scheduleOf(config, run),
    meaning,
    attempt,
    parts: options.parts,
    runDirectory,
    job,
    log: logOf(runDirectory, attempt.name),
    onProgress,
    onStarted,
    signal,
    interrupted,
    now,
  }).finally(endFetching);
}

function sayStarted({ config, run, why, onProgress }: TrainRunOptions, attempt: number, reattached: boolean): void {
  onProgress({
    type: 'run.started',
    runId: run.id,
    request: requestOf(run),
    attempt,
    seed: run.seed,
    epochs: epochsOf(run.setting, config.epochs),
    why,
    reattached,
  });
}

export function requestOf({ key, kind, iteration, repeat, workers, setting }: RunRecord): RunRequest {
  return { key, kind, iteration, repeat, workers, setting };
}

/** The newest checkpoint that is still there. */
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
