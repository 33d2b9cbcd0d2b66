import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptRecord, DecisionRecord, NoteRecord, RunRecord, Store, StudyRecord } from '../../../db/index.ts';
import { defaultAllowance } from '../../config/decision-metrics.ts';
import { decisionConfig } from '../../config/sections/decision.ts';
import { withoutSecrets } from '../../domain/secrets.ts';
import { decisionWords } from '../composed-study/text.ts';
import { studyHistory } from '../history/history.ts';
import { type MeasuredHistory, withParts } from '../parts.ts';

/** Everything stored that a report is written from. */
export interface StudyFacts {
  study: StudyRecord;
  config: Record<string, unknown>;
  history: MeasuredHistory;
  runs: RunRecord[];
  decisions: DecisionRecord[];
  /** Where its attempts ran: each distinct environment once. */
  environments: Record<string, unknown>[];
  attempts: AttemptRecord[];
  notes: NoteRecord[];
  /** The data manifest, where the data are files and still there. */
  manifest: Record<string, unknown> | null;
}

export function studyFacts(store: Store, study: StudyRecord): StudyFacts {
  const runs = store.runsOf(study.id);
  const attempts = runs.flatMap((run) => store.attemptsOf(run.id));
  const config = asRecord(withoutSecrets(study.config));
  return {
    study,
    config,
    history: withParts(store, study, studyHistory(store, study)),
    runs,
    decisions: store.decisionsOf(study.id),
    attempts,
    notes: store.notesOf(study.id),
    environments: distinct(attempts.flatMap(({ environment }) => (environment ? [ofHost(environment)] : []))),
    manifest: readManifest(asRecord(config.data)),
  };
}

/** How results are judged, in words; null where the stored rule is no longer known. */
export function decisionRule({ config, history }: StudyFacts): string | null {
  const rule = decisionConfig.safeParse(config.decision);
  if (!rule.success) return null;
  const { data } = rule;
  const metrics = data.metrics ?? history.metrics;
  const allowance = defaultAllowance(data.rule, { metrics });
  return data.rule === 'thesis'
    ? `rule of the thesis: ${decisionWords({ ...data, metrics, tolerance: data.tolerance ?? allowance })}`
    : `non-inferiority test: ${decisionWords({ ...data, metrics, margin: data.margin ?? allowance })}`;
}

export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Without the hash of the program, which covers the run's own seed and so differs from run to run. */
function ofHost({ program: _, ...environment }: Record<string, unknown>): Record<string, unknown> {
  return environment;
}

/** Each distinct environment once. */
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
