import { rmSync } from 'node:fs';
import pc from 'picocolors';
import { afterEach, describe, expect, it } from 'vitest';
import { workerCounts } from '../../src/config/scale-section.ts';
import { storedConfig } from '../../src/config/stored.ts';
import { runStudy } from '../../src/engine/study/run-study.ts';
import { scalingCsv } from '../../src/report/scaling/csv.ts';
import { scalingSvg } from '../../src/report/scaling/figure.ts';
import { scaling, scalingEndMs } from '../../src/report/scaling/scaling.ts';
import { scalingText } from '../../src/report/scaling/text.ts';
import { runScale } from '../../src/scale/run-scale.ts';
import type { simulatedJobs } from '../engine/simulated-jobs.ts';
import { simulatedScaling } from '../support/simulated-scaling.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function setUp(changes: object = {}) {
  const scaling = simulatedScaling(changes);
  folders.push(scaling.directory);
  return scaling;
}

const keysOf = (jobs: ReturnType<typeof simulatedJobs>) =>
  jobs.started.map(({ attempt }) => attempt.split('.').slice(0, 2).join('.'));

describe('a scaling', () => {
  it('trains one baseline for all worker counts, the fewest workers first', async () => {
    const { store, jobs, options } = setUp();
    expect(await runScale(options)).toEqual({
      state: 'ended',
      outcome: 'complete',
      reason: 'no accuracy loss on 2 and 4 workers',
    });
    const keys = keysOf(jobs);
    expect(keys.filter((key) => key.includes('baseline'))).toEqual([
      'sim-scale-k2.baseline-1',
      'sim-scale-k2.baseline-2',
      'sim-scale-k2.baseline-3',
    ]);
    const firstOf4 = keys.findIndex((key) => key.startsWith('sim-scale-k4.'));
    expect(keys.slice(firstOf4).every((key) => key.startsWith('sim-scale-k4.'))).toBe(true);
    store.close();
  });

  it('begins each count with the setting that was confirmed for the one before', async () => {
    const { store, options } = setUp();
    await runScale(options);
    const confirmed = store.iteration('sim-scale-k2', store.confirmedIterationOf('sim-scale-k2')!)!.setting;
    expect(store.iteration('sim-scale-k4', 0)?.setting).toMatchObject(confirmed);
    expect(store.runsOf('sim-scale-k4').find(({ key }) => key === 'iteration-0')?.state).toBe('finished');
    store.close();
  });

  it('keeps to its own list: neither studies nor comparisons name it', async () => {
    const { store, options } = setUp({ scale: { workers: [2] } });
    await runScale(options);
    expect(store.studies().map(({ name }) => name)).toEqual(['sim-scale-k2']);
    expect(store.comparisons()).toEqual([]);
    expect(store.scalings().map(({ name }) => name)).toEqual(['sim-scale']);
    store.close();
  });

  it('trains nothing the second time, and only the new count when there is one more', async () => {
    const { config, store, jobs, options } = setUp();
    await runScale(options);
    const trained = jobs.started.length;
    expect(await runScale(options)).toMatchObject({ outcome: 'complete' });
    expect(jobs.started.length).toBe(trained);
    const more = { ...config, scale: { ...config.scale!, workers: [2, 4, 8] } };
    expect(await runScale({ ...options, config: more })).toMatchObject({ outcome: 'complete' });
    expect(
      keysOf(jobs)
        .slice(trained)
        .every((key) => key.startsWith('sim-scale-k8.')),
    ).toBe(true);
    store.close();
  });

  it('ends at the first count that cannot be had without loss, and says so', async () => {
    const { config, store, options } = setUp({
      scale: { workers: [2, 200, 300], iterations: 2 },
    });
    const end = await runScale(options);
    expect(end).toMatchObject({ state: 'ended', outcome: 'budgetSpent' });
    expect(end.reason).toMatch(/^no accuracy loss on 2 workers\. 200 workers: /);
    const data = scaling(store, store.scalings()[0]!, workerCounts(config));
    expect(data.counts.map(({ workers, outcome }) => [workers, outcome])).toEqual([
      [2, 'noLoss'],
      [200, 'budgetSpent'],
    ]);
    expect(data.notTried).toEqual([300]);
    store.close();
  });

  it('goes on with a larger budget where it was cut short', async () => {
    const { config, store, jobs, options } = setUp({ scale: { workers: [2], budget: { runs: 4 } } });
    expect(await runScale(options)).toMatchObject({ outcome: 'budgetSpent' });
    expect(jobs.started.length).toBe(4);
    const larger = { ...config, scale: { ...config.scale!, budget: {} } };
    expect(await runScale({ ...options, config: larger })).toMatchObject({ outcome: 'complete' });
    store.close();
  });

  it('comes to the same when it is stopped after every few runs', async () => {
    const whole = setUp();
    await runScale(whole.options);
    const { store, options } = setUp();
    for (let session = 0; session < 40; session += 1) {
      const stop = new AbortController();
      let ended = 0;
      const end = await runScale({
        ...options,
        signal: stop.signal,
        onProgress(event) {
          if (event.type === 'run.ended' && event.state === 'finished') ended += 1;
          if (ended === 2) stop.abort('enough for today');
        },
      });
      if (end.state === 'ended') break;
    }
    const counts = (one: typeof store) => scaling(one, one.scalings()[0]!, [2, 4]).counts;
    const told = (one: typeof store) =>
      counts(one).map(({ outcome, setting, metric }) => ({ outcome, setting, metric }));
    expect(told(store)).toEqual(told(whole.store));
    store.close();
    whole.store.close();
  });

  it('takes over the very same trainings of an earlier study of the task', async () => {
    const { config, store, jobs, options } = setUp();
    await runStudy({ ...options, config: { ...config, workers: 2 } });
    const before = jobs.started.length;
    const reused: string[] = [];
    await runScale({ ...options, onProgress: (event) => event.type === 'run.reused' && reused.push(event.key) });
    expect(
      keysOf(jobs)
        .slice(before)
        .some((key) => key.includes('k2.')),
    ).toBe(false);
    expect(reused.slice(0, 4)).toEqual(['baseline-1', 'baseline-2', 'baseline-3', 'iteration-0']);
    const data = scaling(store, store.scalings()[0]!, [2, 4]);
    expect(data.baseline?.metric.n).toBe(3);
    expect(data.totals.reused).toBeGreaterThanOrEqual(4);
    store.close();
  });

  it('takes over nothing of another task, another seed or another setting', async () => {
    const { config, store, options } = setUp({ scale: { workers: [2] } });
    await runStudy({ ...options, config: { ...config, name: 'seed', seed: 7, workers: 2 } });
    await runStudy({ ...options, config: { ...config, name: 'task', batchPerWorker: 3, workers: 2 } });
    await runStudy({
      ...options,
      config: { ...config, name: 'setting', setting: { ...config.setting, initialLr: 0.11 }, workers: 2 },
    });
    const reused: string[] = [];
    await runScale({ ...options, onProgress: (event) => event.type === 'run.reused' && reused.push(event.key) });
    expect(reused).toEqual([]);
    store.close();
  });

  it('gives each count an equal part of the error rate where that is to hold for all of them', async () => {
    const { store, options } = setUp({ scale: { workers: [2, 4], errorRate: 'allCounts' } });
    await runScale(options);
    for (const name of ['sim-scale-k2', 'sim-scale-k4']) {
      expect(storedConfig(store.study(name)!).decision).toMatchObject({ alpha: 0.025 });
    }
    const { errorRate } = scaling(store, store.scalings()[0]!, [2, 4]);
    expect(errorRate).toEqual({ each: 0.025, any: 0.05, claimed: 0.025 });
    store.close();
  });

  it('refuses another task under its name', async () => {
    const { config, store, options } = setUp({ scale: { workers: [2] } });
    await runScale(options);
    await expect(runScale({ ...options, config: { ...config, epochs: 30 } })).rejects.toThrow(/epochs/);
    store.close();
  });

  it('prints a row for each count, draws them, and says that it is simulated and what the error rate refers to', async () => {
    const { config, store, options } = setUp();
    await runScale(options);
    const data = scaling(store, store.scalings()[0]!, workerCounts(config));
    const text = scalingText(data, { width: 200, colors: pc.createColors(false) });
    expect(text).toContain('SIMULATED');
    expect(text).toMatch(/^2 {2}noLoss/m);
    expect(text).toMatch(/^4 {2}noLoss/m);
    expect(text).toContain('at most 5 %');
    expect(text).toContain('The probability that this happens for any of the 2 settings is at most 10 %');
    for (const { time, speedUp, efficiency, workerHours } of data.counts) {
      expect([time, speedUp, efficiency, workerHours]).toEqual([null, null, null, null]);
    }
    expect(text.replace(/\s+/g, ' ')).toContain('The time of a simulated training is not measured');
    expect(text).not.toContain('Fastest');
    const studies = store.studies().map(({ endedMs }) => endedMs);
    expect(scalingEndMs(store, store.scalings()[0]!, [2, 4])).toBe(Math.max(...studies.map(Number)));
    expect(scalingEndMs(store, store.scalings()[0]!, [2, 4, 8])).toBeNull();
    expect(scalingSvg(data)).toContain('SIMULATED');
    expect(scalingCsv(data).trim().split('\n')).toHaveLength(1 + 1 + 2);
    store.close();
  });
});
