import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptRecord, DecisionRecord, RunRecord, Store, StudyRecord } from '../../../db/index.ts';
import { type StudyHistory, studyHistory } from '../history.ts';

/** Everything stored that a report is written from. */
export interface StudyFacts {
  study: StudyRecord;
  config: Record<string, unknown>;
  history: StudyHistory;
  runs: RunRecord[];
  decisions: DecisionRecord[];
  /** The last attempt of each run that said where it ran. */
  environments: Record<string, unknown>[];
  attempts: AttemptRecord[];
  /** The data manifest, where the data are files and still there. */
  manifest: Record<string, unknown> | null;
}

export function studyFacts(store: Store, study: StudyRecord, nowMs: number): StudyFacts {
  const runs = store.runsOf(study.id);
  const attempts = runs.flatMap((run) => store.attemptsOf(run.id));
  const config = asRecord(study.config);
  return {
    study,
    config,
    history: studyHistory(store, study, nowMs),
    runs,
    decisions: store.decisionsOf(study.id),
    attempts,
    environments: distinct(attempts.flatMap(({ environment }) => (environment ? [environment] : []))),
    manifest: readManifest(asRecord(config.data)),
  };
}

export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Each different environment once. */
function distinct(environments: Record<string, unknown>[]): Record<string, unknown>[] {
  return [...new Map(environments.map((environment) => [JSON.stringify(environment), environment])).values()];
}

function readManifest(data: Record<string, unknown>): Record<string, unknown> | null {
  if (typeof data.path !== 'string') return null;
  const file = join(data.path, 'manifest.json');
  try {
    return existsSync(file) ? asRecord(JSON.parse(readFileSync(file, 'utf8'))) : null;
  } catch {
    return null;
  }
}
