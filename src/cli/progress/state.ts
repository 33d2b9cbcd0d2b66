import type { MetricDefinitions } from '../../domain/metric/definition.ts';
import type { ProgressEvent } from '../../domain/progress.ts';

type Of<Type extends ProgressEvent['type']> = Extract<ProgressEvent, { type: Type }>;

/** A run in progress, as known from its events. */
export interface LiveRun {
  started: Of<'run.started'>;
  startedMs: number;
  /** The last epoch that ended; null before the first. */
  epoch: Of<'epoch'> | null;
}

/** What the events so far say about a study's progress. */
export interface ProgressState {
  study: Of<'study.started'> | null;
  /** Definitions of the study's metrics. */
  definitions: MetricDefinitions;
  runs: Map<string, LiveRun>;
  waiting: string | null;
  estimate: (Of<'estimate'> & { atMs: number }) | null;
  /** The reason of the last decision. */
  lastReason: string | null;
  /** Runs that ended in this session. */
  endedRuns: number;
}

export function emptyProgress(): ProgressState {
  return {
    study: null,
    definitions: {},
    runs: new Map(),
    waiting: null,
    estimate: null,
    lastReason: null,
    endedRuns: 0,
  };
}

/** Updates the state with an event. `nowMs`: when the event arrived. */
export function applyProgress(state: ProgressState, event: ProgressEvent, nowMs: number): void {
  if (event.type !== 'estimate' && event.type !== 'warning' && event.type !== 'sample') state.waiting = null;
  switch (event.type) {
    case 'study.started':
      state.study = event;
      break;
    case 'metrics.known':
      state.definitions = event.metrics;
      break;
    case 'run.started':
      state.runs.set(event.request.key, { started: event, startedMs: nowMs, epoch: null });
      break;
    case 'epoch': {
      const run = state.runs.get(event.key);
      if (run) run.epoch = event;
      break;
    }
    case 'run.ended':
      state.endedRuns += 1;
      state.runs.delete(event.key);
      if (state.runs.size === 0) state.estimate = null;
      break;
    case 'run.retried':
      state.runs.delete(event.key);
      break;
    case 'estimate':
      state.estimate = { ...event, atMs: nowMs };
      break;
    case 'waiting':
      state.waiting = event.reason;
      break;
    case 'study.ended':
    case 'study.stopped':
      state.runs.clear();
      state.estimate = null;
      break;
    case 'decision':
      state.lastReason = event.decision.reason;
      break;
    case 'warning':
    case 'sample':
      break;
  }
}

/** Seconds until the current runs end, counted down since the estimate was made; null when unknown. */
export function secondsLeft(state: ProgressState, nowMs: number): number | null {
  const { estimate } = state;
  if (estimate === null || estimate.currentSeconds === null) return null;
  return Math.max(0, estimate.currentSeconds - (nowMs - estimate.atMs) / 1000);
}
