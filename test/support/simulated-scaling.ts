import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../db/index.ts';
import { resolveStudyConfig } from '../../src/config/resolve.ts';
import { studyConfig } from '../../src/config/study-config.ts';
import { simulatedJobs } from '../engine/simulated-jobs.ts';

/** What a scaling study over 2 and 4 workers with the simulated trainer needs, in its own folder. */
export function simulatedScaling(changes: object = {}) {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'scale-test-')));
  const parsed = studyConfig.parse({
    name: 'sim',
    trainer: { kind: 'simulated', noise: 0.001 },
    workers: 8,
    epochs: 20,
    setting: { initialLr: 0.1 },
    decision: { rule: 'nonInferiority' },
    baseline: { seeds: 3 },
    guideline: 'anytime',
    concurrentRuns: 2,
    scale: { workers: [4, 2] },
    ...changes,
  });
  const config = resolveStudyConfig(parsed, directory);
  const jobs = simulatedJobs();
  const store = openStore({ path: join(directory, 'autopilot.db') });
  return { config, directory, store, jobs, options: { config, directory, store, launcher: jobs.launcher() } };
}
