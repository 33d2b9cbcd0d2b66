import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Store, StudyRecord } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { AutopilotError } from '../../domain/errors.ts';
import type { RunRequest, StudyOutcome } from '../../domain/study.ts';
import type { Launcher } from '../../launcher/launcher.ts';
import { launcherFrom } from '../launchers.ts';
import { declareCapabilities } from '../plans/declare-capabilities.ts';
import { giveBaseline } from '../plans/given-baseline.ts';
import { type GuidelineLog, openGuidelineLog } from '../plans/guideline-log.ts';
import type { OnProgress } from '../progress.ts';
import { settleRun } from '../run/settle-run.ts';
import { storedRun } from '../run/stored-run.ts';
import { trainRun } from '../run/train-run.ts';
import { wantedParts } from '../run/wanted-parts.ts';
import { budgetLeftMs, spentReason } from './budget.ts';
import { cancelRequest } from './cancel-study.ts';
import { checkComponents } from './check-components.ts';
import { paceEstimate } from './estimate.ts';
import { takeLease } from './lease.ts';
import { openStudy } from './open-study.ts';
import { type StopSwitch, stopSwitch } from './stop-switch.ts';
import { studyControl } from './study-control.ts';
import { recordProgram, requireSameProgram } from './study-program.ts';

export interface RunStudyOptions {
  config: ResolvedStudyConfig;
  /** The project folder: `runs/` is made in it. */
  directory: string;
  store: Store;
  onProgress?: OnProgress;
  /** Aborting stops the trainings cleanly; the study can be resumed. */
  signal?: AbortSignal;
  /** Go on with a study that has failed or was cancelled. */
  reopen?: boolean;
  /** Left out: the one the config names. */
  launcher?: Launcher;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Pause before attempt n (n ≥ 2), milliseconds. Left out: 1 s, doubled each time, at most a minute. */
  retryDelayMs?: (attempt: number) => number;
}

export type StudyEnd =
  | { state: 'ended'; outcome: StudyOutcome; reason: string }
  /** Interrupted: `resume` goes on. */
  | { state: 'stopped'; reason: string };

/** Runs a study, or goes on with it, until its guideline comes to an outcome or the signal interrupts it. */
export async function runStudy(options: RunStudyOptions): Promise<StudyEnd> {
  const { config, store, reopen = false, now = Date.now, onProgress = () => {} } = options;
  const directory = resolve(options.directory);
  await checkComponents(config);
  requireSameProgram({ store, config });
  const study = openStudy({ store, config, directory, reopen, now });
  if (study.outcome !== null) return { state: 'ended', outcome: study.outcome, reason: study.reason ?? '' };
  const lease = takeLease(store, study, now);
  try {
    return await drive({ ...options, directory, now, onProgress, study, renew: lease.renew });
  } finally {
    lease.release();
  }
}

interface DriveOptions extends RunStudyOptions {
  study: StudyRecord;
  now: () => number;
  onProgress: OnProgress;
  renew: () => void;
}

/** Milliseconds between looks at the clock, the lease and requests of other processes. */
const tickMs = 1000;

const defaultRetryDelayMs = (attempt: number) => Math.min(60_000, 1000 * 2 ** (attempt - 2));

async function drive(options: DriveOptions): Promise<StudyEnd> {
  const { config, directory, store, study, now, renew } = options;
  const { budget } = config;
  const launcher = options.launcher ?? launcherFrom(config.launcher);
  const concurrentRuns = config.concurrentRuns ?? defaultConcurrentRuns(launcher);
  const estimate = paceEstimate(now);
  const say: OnProgress = (event) => {
    estimate.observe(event);
    options.onProgress(event);
  };
  sayStarted(options, launcher, say);
  const studyId = study.id;
  for (const message of recordProgram({ store, config, now })) say({ type: 'warning', key: null, message });
  const log = openGuidelineLog({ store, studyId, config, now });
  const stops = stopSwitch(options.signal);
  const control = studyControl({ store, studyId, after: store.lastEvent(), signal: stops.signal });
  const onStarted = declareCapabilities({ store, studyId, config, log, say });
  const active = new Map<string, Promise<void>>();

  async function train(request: RunRequest): Promise<void> {
    const trained = await trainRun({
      store,
      config,
      launcher,
      project: directory,
      concurrentRuns,
      run: storedRun({ store, studyId, config, request, now }),
      why: log.why(),
      parts: wantedParts({ store, studyId, config, kind: request.kind }),
      onProgress: say,
      onStarted,
      signal: control.signalOf(request.key),
      interrupted: () =>
        stops.event() === null &&
        stops.failure() === null &&
        log.outcome() === null &&
        !control.stoppedAlone(request.key),
      now,
      retryDelayMs: options.retryDelayMs ?? defaultRetryDelayMs,
    });
    settleRun({ trained, run: storedRun({ store, studyId, config, request, now }), store, log, say, now });
  }

  function startPending(): void {
    for (const request of log.pending()) {
      if (active.size >= concurrentRuns) return;
      if (active.has(request.key) || !control.mayRun(request.key)) continue;
      const done = train(request)
        .catch(stops.fail)
        .finally(() => {
          control.release(request.key);
          active.delete(request.key);
        });
      active.set(request.key, done);
    }
  }

  function lookAtBudget(): void {
    const spent = spentReason(budget, store, studyId, now());
    if (spent !== null) stops.end({ type: 'budget.spent', reason: spent });
  }

  function look(): void {
    renew();
    control.look();
    const cancelled = cancelRequest(store, studyId);
    if (cancelled !== null) stops.end({ type: 'study.cancelled', reason: cancelled });
    lookAtBudget();
    const left = budgetLeftMs(budget, store, studyId, now());
    const atMostSeconds = left === null ? null : left / 1000;
    say({ type: 'estimate', currentSeconds: estimate.currentSeconds(), atMostSeconds });
  }

  /** Waits until a request, or the end, sets a paused study in motion again. */
  async function held(): Promise<void> {
    const why = control.waitsBecause();
    if (why === null) throw stuck(study.name);
    store.appendEvent(studyId, { type: 'study.paused', ...{ reason: why } }, now());
    say({ type: 'waiting', reason: `${why}; go on with: autopilot resume ${study.name}` });
    await Promise.race([control.next(), stops.thrown]);
    store.appendEvent(studyId, { type: 'study.continued' }, now());
  }

  const ticking = setInterval(() => attempt(look, stops), tickMs);
  try {
    for (const decision of giveBaseline({ store, studyId, config, log, now })) say({ type: 'decision', decision });
    attempt(look, stops);
    while (log.outcome() === null && !stops.signal.aborted) {
      attempt(lookAtBudget, stops);
      if (stops.signal.aborted) break;
      startPending();
      if (active.size === 0) await held();
      else await Promise.race([...active.values(), control.next(), stops.thrown]);
    }
    stops.halt();
    await Promise.all(active.values());
    return finish({ options, log, stops, say });
  } finally {
    clearInterval(ticking);
    stops.dispose();
  }
}

/** Cannot happen with a sound guideline; waiting for ever would hide it. */
function stuck(name: string): AutopilotError {
  return new AutopilotError('guideline.stuck', `The guideline of study "${name}" wants no run and has no outcome.`);
}

function attempt(work: () => void, stops: StopSwitch): void {
  try {
    work();
  } catch (thrown) {
    stops.fail(thrown);
  }
}

function defaultConcurrentRuns({ name }: Launcher): number {
  return name === 'local' ? Math.min(4, availableParallelism()) : 1;
}

function sayStarted({ config, store, study, now }: DriveOptions, launcher: Launcher, say: OnProgress): void {
  const { name, workers, epochs, decision } = config;
  const resumed = store.eventsOf(study.id, { types: ['session.started'], limit: 1 }).length > 0;
  store.appendEvent(study.id, { type: 'session.started', ...{ pid: process.pid, launcher: launcher.name } }, now());
  say({
    type: 'study.started',
    study: name,
    workers,
    epochs,
    metrics: decision.metrics,
    launcher: launcher.name,
    simulated: study.simulated,
    resumed,
  });
}

interface FinishOptions {
  options: DriveOptions;
  log: GuidelineLog;
  stops: StopSwitch;
  say: OnProgress;
}

function finish({ options: { store, study, now }, log, stops, say }: FinishOptions): StudyEnd {
  const failure = stops.failure();
  if (failure !== null) throw failure.thrown;
  const event = stops.event();
  if (log.outcome() === null && event !== null) {
    for (const decision of log.record(event)) say({ type: 'decision', decision });
  }
  const ended = log.outcome();
  if (ended !== null) {
    say({ type: 'study.ended', study: study.name, ...ended });
    return { state: 'ended', ...ended };
  }
  const reason = String(stops.signal.reason);
  store.appendEvent(study.id, { type: 'study.stopped', ...{ reason } }, now());
  say({ type: 'study.stopped', study: study.name, reason, resume: `autopilot resume ${study.name}` });
  return { state: 'stopped', reason };
}
