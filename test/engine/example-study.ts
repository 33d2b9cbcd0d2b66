import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../db/index.ts';
import { type ResolvedStudyConfig, resolveStudyConfig } from '../../src/config/resolve.ts';
import { studyConfig } from '../../src/config/study-config.ts';

/** A small study of the simulated trainer; `changes` are fields of study.yaml. */
export function exampleConfig(changes: Record<string, unknown> = {}): ResolvedStudyConfig {
  const yaml = {
    name: 'example',
    trainer: { kind: 'simulated' },
    workers: 18,
    epochs: 14,
    setting: { initialLr: 0.5 },
    budget: { iterations: 4 },
    ...changes,
  };
  return resolveStudyConfig(studyConfig.parse(yaml), '/');
}

export function temporaryProject(): string {
  return mkdtempSync(join(tmpdir(), 'project-'));
}

/** What must be the same however often a study was interrupted. */
export function findings(store: Store, study = 'example') {
  return {
    outcome: store.study(study)?.outcome,
    iterations: store.iterationsOf(study).map(({ createdMs: _, ...iteration }) => iteration),
    decisions: store.decisionsOf(study).map(({ eventSequence: _, timeMs: __, ...decision }) => decision),
    runs: store.runsOf(study).map(({ key, seed, state, metrics, setting }) => ({ key, seed, state, metrics, setting })),
  };
}
