import type { RunRecord, Store } from '../../db/index.ts';
import { AutopilotError } from '../domain/errors.ts';
import { canonicalJson } from '../domain/hash.ts';
import type { Metrics } from '../domain/metrics.ts';
import { type TrainedRun, type TrainRunOptions, trainRun } from '../engine/run/train-run.ts';
import type { PlannedRun } from './plan.ts';
import type { OnComparison } from './progress.ts';
import { reusableRun } from './reuse.ts';

export interface TrainCellOptions
  extends Omit<TrainRunOptions, 'run' | 'why' | 'parts' | 'schedule' | 'onProgress' | 'onStarted'> {
  comparisonId: string;
  /** Names of the comparison's own studies. */
  searches: readonly string[];
  planned: PlannedRun;
  onProgress: OnComparison;
}

export interface CellEnd {
  state: 'finished' | 'diverged' | 'failed' | 'stopped';
  metrics: Metrics | null;
  reason: string | null;
}

/** Has this run of the comparison a result? A failed one has none and is tried again. */
export function isDone(store: Store, comparisonId: string, { request }: PlannedRun): boolean {
  const state = store.runByKey(comparisonId, request.key)?.state;
  return state === 'finished' || state === 'diverged';
}

/** Trains one cell's run, or takes its result from where it is known already. */
export async function trainCell(options: TrainCellOptions): Promise<{ end: CellEnd; trained: boolean }> {
  const { store, comparisonId, planned, onProgress, now } = options;
  const { policy, request, schedule } = planned;
  const run = storedCell(options);
  const known = run.startedMs === null ? (sameCell(store, run, planned) ?? reusableRun(options)) : null;
  if (known !== null) {
    const end: CellEnd = { state: 'finished', metrics: known.metrics, reason: `taken from ${known.id}` };
    store.transaction(() => {
      store.setRunOrigin(run.id, 'imported');
      store.markRunEnded(run.id, { ...end, timeMs: now() });
      store.appendEvent(comparisonId, { type: 'cell.reused', key: run.key, ...{ from: known.id } }, now());
    });
    onProgress({ type: 'cell.reused', key: run.key, from: known.id });
    return { end, trained: false };
  }
  const { workers, repeat } = request;
  onProgress({ type: 'cell.started', key: run.key, policy, workers, repeat });
  const trained = await trainRun({
    ...options,
    run,
    why: `Comparing policies: ${policy} on ${workers} workers, repeat ${repeat}.`,
    // Nothing is chosen here: the test part's numbers are what is compared.
    parts: { split: 'auto', settled: null, known: true, confirms: true },
    ...(schedule === undefined ? {} : { schedule }),
    onProgress: (event) => onProgress({ type: 'inner', event }),
    onStarted: () => {},
  });
  return { end: settleCell(store, run, trained, now), trained: true };
}

function storedCell({ store, comparisonId, config, planned, now }: TrainCellOptions): RunRecord {
  const { request, seed } = planned;
  store.insertRun({
    ...request,
    id: `${comparisonId}.${request.key}`,
    studyId: comparisonId,
    seed,
    origin: 'trained',
    simulated: config.trainer.kind === 'simulated',
    createdMs: now(),
  });
  const run = store.runByKey(comparisonId, request.key);
  if (run === undefined) throw new AutopilotError('run.missing', `Run "${request.key}" could not be stored.`);
  return run;
}

/** The guideline may find that the default is best; with the same seed that is the very same training. */
function sameCell(store: Store, run: RunRecord, { policy, request, seed }: PlannedRun): RunRecord | null {
  if (policy !== 'guideline') return null;
  const other = store.runByKey(run.studyId, `greScale-k${request.workers}-${request.repeat}`);
  const same = other?.seed === seed && canonicalJson(other.setting) === canonicalJson(request.setting);
  return same && other.state === 'finished' && other.origin === 'trained' ? other : null;
}

function settleCell(store: Store, run: RunRecord, { end, attempt }: TrainedRun, now: () => number): CellEnd {
  const reason = 'reason' in end ? end.reason : null;
  const metrics = 'metrics' in end ? end.metrics : null;
  const timeMs = now();
  store.transaction(() => {
    if (attempt !== null) {
      const { name, number, exit, message } = attempt;
      store.markAttemptEnded(name, { reason: exit, message, timeMs });
      store.appendEvent(
        run.studyId,
        { type: 'attempt.ended', key: run.key, ...{ attempt: number, exit, message } },
        timeMs,
      );
    }
    store.markRunEnded(run.id, { state: end.end, reason, metrics, timeMs });
    if (end.end !== 'stopped') {
      store.appendEvent(run.studyId, { type: `run.${end.end}`, key: run.key, ...{ metrics, reason } }, timeMs);
    }
    store.touchStudy(run.studyId, timeMs);
  });
  return { state: end.end, metrics, reason };
}
