import { z } from 'zod';
import type { EventRecord, Store } from '../../../db/index.ts';
import {
  advance,
  decisions,
  describeNext,
  iterations,
  outcome,
  pendingRuns,
  start,
} from '../../../machines/guideline/index.ts';
import type { Metrics, MetricsSummary } from '../../domain/metrics.ts';
import type { Decision, GuidelineEvent, RunEvaluation } from '../../domain/study.ts';
import { declareCapabilities } from './declare-capabilities.ts';
import { giveBaseline } from './given-baseline.ts';
import { guidelineInputOf } from './guideline-input.ts';
import type { OpenStudy, Plan } from './plan.ts';

/** The types of event that move the guideline; everything else in the log only tells what happened. */
export const guidelineEventTypes = [
  'run.finished',
  'run.diverged',
  'run.failed',
  'baseline.given',
  'capabilities.known',
  'budget.spent',
  'study.cancelled',
] as const satisfies readonly GuidelineEvent['type'][];

/** The guideline as the plan of a study: its state is folded from the event log, never stored. */
export function guidelinePlan(open: OpenStudy): Plan {
  const { store, config, now } = open;
  const studyId = open.study.id;
  let state = replay();
  const stored = { decisions: store.decisionsOf(studyId).length, iterations: 0 };
  store.transaction(() => storeNews(lastGuidelineEvent()));

  function replay() {
    const dropped = droppedEvents(store, studyId);
    return store
      .eventsOf(studyId, { types: guidelineEventTypes })
      .filter(({ sequence }) => !dropped.has(sequence))
      .reduce((before, record) => advance(before, toGuidelineEvent(record)), start(guidelineInputOf(config)));
  }

  function lastGuidelineEvent(): number {
    return store.eventsOf(studyId, { types: guidelineEventTypes }).at(-1)?.sequence ?? 0;
  }

  function storeNews(eventSequence: number): readonly Decision[] {
    const timeMs = now();
    for (const { number, action, parent, setting } of iterations(state).slice(stored.iterations)) {
      store.insertIteration({ studyId, number, action, parent, setting, createdMs: timeMs });
    }
    const news = decisions(state).slice(stored.decisions);
    for (const decision of news) store.insertDecision({ ...decision, studyId, eventSequence, timeMs });
    stored.iterations = iterations(state).length;
    stored.decisions = decisions(state).length;
    return news;
  }

  const plan: Plan = {
    pending: () => pendingRuns(state).map((request) => ({ request, why: describeNext(state) })),
    outcome: () => outcome(state),
    begin: () => giveBaseline(open, plan),
    trainerStarted: (event, say) => declareCapabilities({ ...open, plan, say }, event),
    record(event, alongside) {
      const next = advance(state, event);
      const before = { state, ...stored };
      try {
        return store.transaction(() => {
          alongside?.();
          const sequence = store.appendEvent(studyId, event, now());
          state = next;
          const news = storeNews(sequence);
          const ended = outcome(state);
          if (ended !== null) store.setOutcome(studyId, { ...ended, timeMs: now() });
          else store.touchStudy(studyId, now());
          return news;
        });
      } catch (thrown) {
        state = before.state;
        stored.decisions = before.decisions;
        stored.iterations = before.iterations;
        throw thrown;
      }
    },
  };
  return plan;
}

/** Events that a reopened study takes back; they stay in the log. */
function droppedEvents(store: Store, studyId: string): ReadonlySet<unknown> {
  const reopened = store.eventsOf(studyId, { types: ['study.reopened'] });
  return new Set(reopened.flatMap(({ payload }) => (Array.isArray(payload.dropped) ? payload.dropped : [])));
}

/** Takes back what ended a study, so that it goes on from what stood before. */
export function reopenStudy(store: Store, studyId: string, timeMs: number): void {
  const already = droppedEvents(store, studyId);
  const ending = ['run.failed', 'budget.spent', 'study.cancelled'];
  const dropped = store
    .eventsOf(studyId, { types: ending })
    .map(({ sequence }) => sequence)
    .filter((sequence) => !already.has(sequence));
  store.transaction(() => {
    store.appendEvent(studyId, { type: 'study.reopened', ...{ dropped } }, timeMs);
    const since = store.decisionsOf(studyId).find(({ eventSequence }) => dropped.includes(eventSequence));
    if (since) store.deleteDecisionsAfter(studyId, since.sequence - 1);
    store.setOutcome(studyId, { outcome: null, reason: null, timeMs });
  });
}

function toGuidelineEvent({ type, runKey, payload }: EventRecord): GuidelineEvent {
  const key = runKey ?? '';
  const reason = String(payload.reason ?? '');
  switch (type) {
    case 'run.finished':
      return { type, key, ...toEvaluation(payload) };
    case 'run.diverged':
      return { type, key, reason, metrics: payload.metrics === null ? null : toMetrics(payload.metrics) };
    case 'baseline.given':
      if (payload.summary !== undefined) return { type, summary: toSummary(payload.summary) };
      return { type, runs: Array.isArray(payload.runs) ? payload.runs.map(toMetrics) : [] };
    case 'capabilities.known':
      return { type, optimizers: Array.isArray(payload.optimizers) ? payload.optimizers.map(String) : [] };
    case 'run.failed':
      return { type, key, reason };
    case 'budget.spent':
      return { type, reason };
    default:
      return { type: 'study.cancelled', reason };
  }
}

function toEvaluation(payload: Record<string, unknown>): RunEvaluation {
  return { ...partResult.parse(payload), confirming: partResult.optional().parse(payload.confirming) };
}

const loggedMetrics = z.record(z.string(), z.coerce.number().or(z.nan()).catch(Number.NaN));
const partResult = z.object({
  split: z.string().optional(),
  metrics: loggedMetrics,
  classes: z.record(z.string(), loggedMetrics).optional(),
});

function toSummary(value: unknown): MetricsSummary {
  const { mean, sd, n } = value as Record<keyof MetricsSummary, unknown>;
  return { mean: toMetrics(mean), sd: toMetrics(sd), n: Number(n) };
}

function toMetrics(value: unknown): Metrics {
  return Object.fromEntries(Object.entries(value ?? {}).map(([name, number]) => [name, Number(number)]));
}
