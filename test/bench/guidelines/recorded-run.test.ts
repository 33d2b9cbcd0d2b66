import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRecordedRuns, runKey } from '../../../bench/guidelines/recorded-run.ts';
import { runsToRecord } from '../../../bench/guidelines/runs-to-record.ts';
import { tableOf } from '../../../bench/guidelines/table.ts';
import { benchTasks, taskNamed } from '../../../bench/guidelines/tasks.ts';
import { tenths } from '../../../bench/guidelines/train-run.ts';
import { recordedRun } from './tiny-table.ts';

const shipped = readRecordedRuns('bench/results/guidelines-runs.ndjson');

describe('the recorded runs', () => {
  it('are there once each, of tasks that the benchmark has', () => {
    expect(shipped.length).toBeGreaterThan(300);
    expect(new Set(shipped.map(runKey)).size).toBe(shipped.length);
    for (const { task } of shipped) expect(() => taskNamed(task)).not.toThrow();
  });

  it('say how a finished run ended and where a diverged one stopped', () => {
    for (const { state, metric, curve } of shipped) {
      expect(metric === null).toBe(state === 'diverged');
      if (state === 'finished') expect(curve).toHaveLength(10);
      else expect(curve.length).toBeLessThan(10);
    }
  });

  it.each(benchTasks.flatMap(({ name, workers }) => workers.map((count) => [name, count] as const)))(
    'make a table of %s with %i workers',
    (name, workers) => {
      const task = taskNamed(name);
      const table = tableOf(task, { runs: shipped, workers });
      expect(table.optimizers).toContain('sgd');
      for (const { setting, runs, mean, diverged } of table.points) {
        if (runs.length >= 2 && diverged < 1) expect(table.trueMean(setting)).toBeCloseTo(mean, 10);
      }
    },
  );

  it('are refused with file, line and field where one is broken', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'guidelines-')), 'runs.ndjson');
    writeFileSync(file, `${JSON.stringify(recordedRun({ metric: 0.8 }))}\n{"task":"cerebellum","workers":0}\n`);
    expect(() => readRecordedRuns(file)).toThrow(/runs\.ndjson, line 2.*workers/s);
  });

  it('are none where nothing was recorded yet', () => {
    expect(readRecordedRuns('bench/results/no-such-file.ndjson')).toEqual([]);
  });
});

describe('what is to be recorded', () => {
  const runs = runsToRecord(benchTasks);

  it('names no run twice, and every phase fits into its training', () => {
    expect(new Set(runs.map(runKey)).size).toBe(runs.length);
    for (const { warmupEpochs, decayEpochs, epochs } of runs)
      expect(warmupEpochs + decayEpochs).toBeLessThanOrEqual(epochs);
  });

  it('starts with one worker, without which nothing can be said', () => {
    expect(runs.slice(0, benchTasks.length).every(({ workers }) => workers === 1)).toBe(true);
  });
});

describe('the points of a curve', () => {
  it('are the values after each tenth of the epochs, as far as the training came', () => {
    const values = Array.from({ length: 40 }, (_, index) => (index + 1) / 100);
    expect(tenths(values, 40)).toEqual([0.04, 0.08, 0.12, 0.16, 0.2, 0.24, 0.28, 0.32, 0.36, 0.4]);
    expect(tenths(values.slice(0, 10), 40)).toEqual([0.04, 0.08]);
  });
});
