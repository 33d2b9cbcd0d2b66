import type { EventRecord, RunOrigin, Store, StudyEvent, StudyRecord } from '../../../db/index.ts';
import { storedConfig } from '../../config/stored.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { canonicalJson } from '../../domain/hash.ts';
import type { Metrics } from '../../domain/metric/metrics.ts';
import type { Decision, GuidelineEvent, RunRequest, StudyOutcome } from '../../domain/study.ts';
import type { MetricScale } from '../attempt/understand-metrics.ts';
import { guidelinePlan } from '../plans/guideline-plan.ts';
import type { StudyMetrics } from '../plans/metric-meaning.ts';
import type { OpenStudy } from '../plans/plan.ts';
import { studyMetrics } from '../plans/study-metrics.ts';
import { storedRun } from '../run/stored-run.ts';
import { takeLease } from '../study/lease.ts';
import { storedStudy } from '../study/stored-study.ts';

/** The result of a run trained outside autopilot. */
export type ToldResult = { metrics: Metrics } | { diverged: string } | { failed: string };

export interface TellStudyOptions {
  store: Store;
  /** Name of the study. */
  study: string;
  /** The run's key; may be left out when only one is wanted. */
  run?: string | undefined;
  result: ToldResult;
  origin?: Extract<RunOrigin, 'told' | 'imported'>;
  now?: () => number;
}

export interface ToldStudy {
  study: string;
  run: string;
  /** Whether the same result had already been recorded, so that nothing changed. */
  repeated: boolean;
  /** How the metrics were reinterpreted, if they were. */
  warnings: string[];
  decisions: Decision[];
  outcome: { outcome: StudyOutcome; reason: string } | null;
}

/** Records a result and returns the decisions on it. Repeating it changes nothing; a different result is refused. */
export function tellStudy(options: TellStudyOptions): ToldStudy {
  const { store, origin = 'told', now = Date.now } = options;
  const study = storedStudy(store, options.study);
  const config = storedConfig(study);
  const lease = takeLease(store, study, now);
  try {
    const open: OpenStudy = { store, study, config, now };
    const plan = guidelinePlan(open);
    const meaning = studyMetrics(open, { plan, byHand: true });
    const pending = [...plan.pending()].map(({ request }) => request);
    const key = options.run ?? onlyKey(pending, study);
    const { event, warnings, settles } = toEvent(key, options.result, meaning);
    const base = { study: study.name, run: key, warnings };
    const known = toldBefore(store, study.id, key);
    if (known !== null) {
      refuseOther(key, known, event);
      return {
        ...base,
        repeated: true,
        decisions: decisionsAfter(store, study.id, known.sequence),
        outcome: plan.outcome(),
      };
    }
    const request = pending.find((wanted) => wanted.key === key);
    if (request === undefined) throw notWanted(key, pending, study);
    const run = storedRun(open, { request, origin });
    meaning.begin();
    const decisions = plan.record(event, () => {
      if (settles !== null) meaning.settle(settles, key);
      store.setRunOrigin(run.id, origin);
      const metrics = 'metrics' in event ? event.metrics : null;
      const reason = 'reason' in event ? event.reason : null;
      store.markRunEnded(run.id, { state: stateOf[event.type], reason, metrics, timeMs: now() });
    });
    return { ...base, repeated: false, decisions: [...decisions], outcome: plan.outcome() };
  } finally {
    lease.release();
  }
}

type ResultEvent = Extract<GuidelineEvent, { type: 'run.finished' | 'run.diverged' | 'run.failed' }>;

const stateOf = { 'run.finished': 'finished', 'run.diverged': 'diverged', 'run.failed': 'failed' } as const;

function toEvent(
  key: string,
  result: ToldResult,
  meaning: StudyMetrics,
): { event: ResultEvent; warnings: string[]; settles: MetricScale | null } {
  if ('failed' in result)
    return { event: { type: 'run.failed', key, reason: result.failed }, warnings: [], settles: null };
  if ('diverged' in result) {
    return {
      event: { type: 'run.diverged', key, reason: result.diverged, metrics: null },
      warnings: [],
      settles: null,
    };
  }
  const understood = meaning.understand(result.metrics);
  if (understood.state === 'wrong') {
    throw new AutopilotError(
      'tell.metrics',
      `Nothing was stored: ${understood.reason.replaceAll('the evaluation', 'the result')}`,
    );
  }
  if (understood.state === 'notFinite') {
    return {
      event: { type: 'run.diverged', key, reason: understood.reason, metrics: null },
      warnings: [],
      settles: null,
    };
  }
  return {
    event: { type: 'run.finished', key, metrics: understood.metrics },
    warnings: understood.warnings,
    settles: understood.settles,
  };
}

function onlyKey(pending: readonly RunRequest[], study: StudyRecord): string {
  const [only] = pending;
  if (only !== undefined && pending.length === 1) return only.key;
  throw notWanted(undefined, pending, study);
}

function notWanted(key: string | undefined, pending: readonly RunRequest[], study: StudyRecord): AutopilotError {
  const keys = pending.map((request) => request.key).join(', ');
  if (pending.length === 0) {
    return new AutopilotError(
      'study.ended',
      `Study "${study.name}" has ended (${study.outcome}): it accepts no more results.`,
    );
  }
  return key === undefined
    ? new AutopilotError('tell.run', `Study "${study.name}" wants several runs: ${keys}. Name one with --run.`)
    : new AutopilotError('tell.run', `Study "${study.name}" does not want the run "${key}". It wants: ${keys}.`);
}

type Told = EventRecord<StudyEvent<'run.finished' | 'run.diverged'>>;

function toldBefore(store: Store, studyId: string, key: string): Told | null {
  const results = store.eventsOf(studyId, { types: ['run.finished', 'run.diverged'] });
  return results.find(({ event }) => event.key === key) ?? null;
}

function refuseOther(key: string, known: Told, event: ResultEvent): void {
  const result = 'metrics' in event ? event.metrics : null;
  const same = known.event.type === event.type && canonicalJson(known.event.metrics) === canonicalJson(result);
  if (same) return;
  throw new AutopilotError(
    'tell.differs',
    `Run "${key}" is already stored with ${canonicalJson(known.event.metrics)}, and results are never overwritten. Nothing was stored.`,
  );
}

function decisionsAfter(store: Store, studyId: string, sequence: number): Decision[] {
  return store.decisionsOf(studyId).filter(({ eventSequence }) => eventSequence === sequence);
}
