import type { RunRecord } from '../../../db/index.ts';
import type { MeasuredAttempt } from '../../domain/measured.ts';
import type { Metrics } from '../../domain/metric/metrics.ts';
import type { GuidelineEvent } from '../../domain/study.ts';
import { saidBefore } from '../attempt/warnings.ts';
import type { Driven } from '../plans/plan.ts';
import { signsOfRun } from './signs-of-run.ts';
import type { TrainedRun } from './train-run.ts';

/** Stores how a run and its last attempt ended, and what the plan concludes, in one transaction. */
export function settleRun(driven: Driven, run: RunRecord, { end, attempt }: TrainedRun): void {
  const { session, plan } = driven;
  const { store, say, now } = session;
  const reason = 'reason' in end ? end.reason : null;
  const metrics = 'metrics' in end ? end.metrics : null;
  const warnings = end.state === 'finished' ? end.warnings : [];
  const said = saidBefore(session, run.studyId);
  function close(): void {
    const timeMs = now();
    if (attempt !== null) {
      const { name, number, exit, message, measured } = attempt;
      store.markAttemptEnded(name, { reason: exit, message, measured, timeMs });
      store.appendEvent(run.studyId, { type: 'attempt.ended', key: run.key, attempt: number, exit, message }, timeMs);
    }
    for (const message of warnings) {
      store.appendEvent(run.studyId, { type: 'run.warned', key: run.key, message }, timeMs);
    }
    store.markRunEnded(run.id, { state: end.state, reason, metrics, timeMs });
  }
  const event = planEvent(run.key, end, attempt?.measured);
  if (event?.type === 'run.finished') {
    const curves = signsOfRun(driven, run);
    if (curves.length > 0) event.curves = curves;
  }
  if (event === null) store.transaction(close);
  const made = event === null ? [] : plan.record(event, close);
  for (const message of warnings) {
    if (!said(message)) say({ type: 'warning', key: run.key, message });
  }
  const started = store.run(run.id)?.startedMs ?? now();
  const timeMs = store.run(run.id)?.endedMs ?? now();
  const seconds = (now() - started) / 1000;
  say({ type: 'run.ended', key: run.key, state: end.state, metrics, reason, seconds, timeMs });
  for (const decision of made) say({ type: 'decision', decision });
}

/** Null for a run that was only interrupted, of which the plan is not told. */
function planEvent(key: string, end: TrainedRun['end'], measured?: MeasuredAttempt): GuidelineEvent | null {
  switch (end.state) {
    case 'finished': {
      const { metrics, trivial, split, classes, confirming } = end;
      const { unmeasured = [], stoppedAfter } = measured ?? {};
      const unknown = unmeasured.length === 0 ? {} : { unmeasured };
      const early = stoppedAfter === undefined ? {} : { stoppedAfter };
      return { type: 'run.finished', key, metrics, trivial, split, classes, confirming, ...unknown, ...early };
    }
    case 'diverged':
      return { type: 'run.diverged', key, reason: end.reason, metrics: end.metrics satisfies Metrics | null };
    case 'failed':
      return { type: 'run.failed', key, reason: end.reason };
    case 'stopped':
      return null;
  }
}
