import type { RunRecord, Store, StudyRecord } from '../../db/index.ts';
import type { Metrics } from '../domain/metrics.ts';
import type { Setting } from '../domain/setting.ts';
import type { RunKind } from '../domain/study.ts';
import { type StudyHistory, studyHistory } from '../report/history.ts';

/** A run without its curves. */
export interface RunView {
  id: string;
  key: string;
  kind: RunKind;
  iteration: number | null;
  workers: number;
  seed: number;
  state: RunRecord['state'];
  reason: string | null;
  metrics: Metrics | null;
  simulated: boolean;
  setting: Setting;
  startedMs: number | null;
  endedMs: number | null;
}

/** What a study's page shows: the history, its runs, and where the flowchart stands. */
export interface StudyView extends StudyHistory {
  createdMs: number;
  config: unknown;
  runList: RunView[];
  /** The sentence of the newest decision. */
  lastReason: string | null;
  notes: { text: string; runKey: string | null; timeMs: number }[];
}

export function studyView(store: Store, study: StudyRecord, nowMs: number): StudyView {
  return {
    ...studyHistory(store, study, nowMs),
    createdMs: study.createdMs,
    config: study.config,
    runList: store.runsOf(study.id).map(runView),
    lastReason: store.decisionsOf(study.id).at(-1)?.reason ?? null,
    notes: store.notesOf(study.id),
  };
}

export function runView(run: RunRecord): RunView {
  const { id, key, kind, iteration, workers, seed, state, reason, metrics, simulated, setting, startedMs, endedMs } =
    run;
  return { id, key, kind, iteration, workers, seed, state, reason, metrics, simulated, setting, startedMs, endedMs };
}
