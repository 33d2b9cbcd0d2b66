import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { comparisonCells } from '../../src/compare/cells.ts';
import { runComparison } from '../../src/compare/run-comparison.ts';
import { resolveStudyConfig } from '../../src/config/resolve.ts';
import { studyConfig } from '../../src/config/study-config.ts';
import { comparison } from '../../src/report/comparison/comparison.ts';
import { comparisonCsv } from '../../src/report/comparison/csv.ts';
import { comparisonSvg } from '../../src/report/comparison/figure.ts';
import { comparisonText } from '../../src/report/comparison/text.ts';
import { toMarkdown } from '../../src/report/document/markdown.ts';
import { reportOf } from '../../src/report/study-report/report-of.ts';
import { svgPng } from '../../src/report/svg-png.ts';
import { confirmedSetting } from '../../src/scale/counts.ts';
import { runScale } from '../../src/scale/run-scale.ts';
import { simulatedJobs } from '../engine/simulated-jobs.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function setUp(compare: object = {}, more: object = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'compare-test-'));
  folders.push(directory);
  const parsed = studyConfig.parse({
    name: 'sim',
    trainer: { kind: 'simulated' },
    workers: 18,
    epochs: 20,
    setting: { initialLr: 0.3 },
    concurrentRuns: 2,
    compare: { workers: [4, 18], policies: ['constant', 'greScale', 'guideline'], seeds: 2, iterations: 3, ...compare },
    ...more,
  });
  const config = resolveStudyConfig(parsed, directory);
  return { config, directory, store: openStore({ path: join(directory, 'autopilot.db') }), jobs: simulatedJobs() };
}

describe('a comparison', () => {
  it('trains every cell once, and nothing the second time', async () => {
    const { config, directory, store, jobs } = setUp();
    const options = { config, directory, store, launcher: jobs.launcher() };
    expect(await runComparison(options)).toMatchObject({ state: 'complete' });
    const trained = jobs.started.length;
    const data = comparison(store, store.comparisons()[0]!);
    expect(data.baseline?.runs).toBe(2);
    expect(data.lines.map(({ policy }) => policy)).toEqual(['constant', 'greScale', 'guideline']);
    for (const { points } of data.lines)
      expect(points.map(({ workers, runs }) => [workers, runs])).toEqual([
        [4, 2],
        [18, 2],
      ]);
    expect(await runComparison(options)).toMatchObject({ state: 'complete' });
    expect(jobs.started.length).toBe(trained);
    store.close();
  });

  it('keeps its runs out of the list of studies', async () => {
    const { config, directory, store, jobs } = setUp({ policies: ['greScale'] });
    await runComparison({ config, directory, store, launcher: jobs.launcher() });
    expect(store.studies()).toEqual([]);
    expect(store.comparisons().map(({ name }) => name)).toEqual(['sim-compare']);
    store.close();
  });

  it('stops at its budget of runs, and goes on with a larger one', async () => {
    const { config, directory, store, jobs } = setUp({ policies: ['constant'], budget: { runs: 3 } });
    const launcher = jobs.launcher();
    expect(await runComparison({ config, directory, store, launcher })).toMatchObject({ state: 'budgetSpent' });
    expect(jobs.started.length).toBe(3);
    const larger = { ...config, compare: { ...config.compare!, budget: {} } };
    expect(await runComparison({ config: larger, directory, store, launcher })).toMatchObject({ state: 'complete' });
    expect(jobs.started.length).toBe(comparisonCells(config).runs.length);
    store.close();
  });

  it('gives every policy its own schedule and every cell the same seeds', () => {
    const { config, store } = setUp({ policies: ['constant', 'squareRoot', 'lars', 'gradualWarmup', 'linear'] });
    const { runs } = comparisonCells(config);
    expect(new Set(runs.map(({ seed }) => seed)).size).toBe(2);
    const shown = runs.filter(({ request }) => request.workers === 4 && request.repeat === 1);
    expect(shown.map(({ schedule }) => schedule?.policy)).toEqual([
      'constant',
      'constant',
      'gradualWarmup',
      'gradualWarmup',
      'gradualWarmup',
    ]);
    store.close();
  });

  it('refuses another task under its name', async () => {
    const { config, directory, store, jobs } = setUp({ policies: ['greScale'] });
    const launcher = jobs.launcher();
    await runComparison({ config, directory, store, launcher });
    await expect(runComparison({ config: { ...config, epochs: 30 }, directory, store, launcher })).rejects.toThrow(
      /epochs/,
    );
    store.close();
  });

  it('draws a line for each policy, says that it is simulated, and gives the numbers', async () => {
    const { config, directory, store, jobs } = setUp({ policies: ['constant', 'greScale'] });
    await runComparison({ config, directory, store, launcher: jobs.launcher() });
    const data = comparison(store, store.comparisons()[0]!);
    const svg = comparisonSvg(data);
    expect(svg).toContain('linear scaling, constant');
    expect(svg).toContain('SIMULATED');
    expect(svgPng(svg).subarray(1, 4).toString()).toBe('PNG');
    expect(comparisonCsv(data).trim().split('\n')).toHaveLength(1 + 1 + 4);
    store.close();
  });
});

describe('the report of a comparison', () => {
  it('names the best policy for each number of workers, explains each, and gives every run with its seed', async () => {
    const { config, directory, store, jobs } = setUp({ policies: ['constant', 'greScale'] });
    await runComparison({ config, directory, store, launcher: jobs.launcher() });
    const { document, manifest } = reportOf(store, store.comparisons()[0]!);
    store.close();
    const text = toMarkdown(document);
    expect(text).toContain('SIMULATED');
    expect(text).toMatch(/> Answer: .*: on 4 workers it is “[^”]+” \([^)]+\); on 18 workers it is “[^”]+” \([^)]+\)\./);
    expect(text).toContain('| linear scaling, constant | kη from the first step to the last, no warmup |');
    expect(text.match(/^\| GreScale, defaults \| (4|18) \| \d+ \| finished \|/gm)).toHaveLength(4);
    expect(text).toContain('autopilot compare study.yaml\nautopilot report sim-compare');
    expect(text.slice(0, text.indexOf('## How to repeat it'))).not.toMatch(/\b[a-z]+[A-Z]\w*/);
    expect(manifest).toMatchObject({ comparison: { workers: [4, 18] }, study: { kind: 'comparison' } });
  });
});

describe('the report of a comparison that has not ended', () => {
  it('says of which numbers of workers nothing is measured yet, and not that they diverged', async () => {
    const { config, directory, store, jobs } = setUp({ policies: ['constant'], budget: { runs: 3 } });
    await runComparison({ config, directory, store, launcher: jobs.launcher() });
    const text = toMarkdown(reportOf(store, store.comparisons()[0]!).document);
    store.close();
    expect(text).toMatch(/on 4 workers it is “linear scaling, constant”.*; on 18 workers nothing is measured yet\./);
  });
});

describe('what a scaling has confirmed', () => {
  it('is trained anew with fresh seeds, and held against one worker with fresh seeds', async () => {
    const { config, directory, store, jobs } = setUp(
      { workers: [2, 4, 300], policies: ['greScale', 'confirmed'], seeds: 3 },
      {
        setting: { initialLr: 0.1 },
        trainer: { kind: 'simulated', noise: 0.001 },
        decision: { rule: 'nonInferiority' },
        baseline: { seeds: 3 },
        guideline: 'anytime',
        scale: { workers: [2, 4] },
      },
    );
    const options = { config, directory, store, launcher: jobs.launcher() };
    await expect(runComparison(options)).rejects.toThrow(
      /sim-scale has confirmed no setting of this task for 2, 4, 300 workers, .* autopilot scale --workers 2,4,300/,
    );
    expect(jobs.started).toEqual([]);
    expect(await runScale(options)).toMatchObject({ outcome: 'complete' });
    const used = new Set(store.studies().flatMap(({ id }) => store.runsOf(id).map(({ seed }) => seed)));
    const warnings: string[] = [];
    const end = await runComparison({
      ...options,
      onProgress: (event) => event.type === 'warning' && warnings.push(event.message),
    });
    expect(end).toMatchObject({ state: 'complete' });
    expect(warnings).toEqual([expect.stringContaining('has confirmed no setting of this task for 300 workers')]);
    const [study] = store.comparisons();
    expect(store.runsOf(study!.id).filter(({ seed }) => used.has(seed))).toEqual([]);
    const data = comparison(store, study!);
    const confirmed = data.lines.find(({ policy }) => policy === 'confirmed')!;
    expect(confirmed.points.map(({ workers, setting }) => [workers, setting])).toEqual(
      [2, 4].map((k) => [k, confirmedSetting(store, `sim-scale-k${k}`)]),
    );
    expect(data.anew.map(({ workers, n, baselineRuns }) => [workers, n, baselineRuns])).toEqual([
      [2, 3, 3],
      [4, 3, 3],
    ]);
    for (const { difference, interval, comparison, margin, within } of data.anew) {
      const { low, high } = interval!;
      expect(low).toBeLessThan(difference);
      expect(comparison).toBe(low > 0 ? 'better' : high < 0 ? 'worse' : 'cannotTell');
      expect(within).toBe(low > -margin! ? 'within' : high < -margin! ? 'beyond' : 'cannotTell');
    }
    const text = comparisonText(data, { width: 120, colors: pc.createColors(false) });
    expect(text).toMatch(
      /4 workers: .* points, 95 % interval .*: (better|worse|cannot tell which is better) \(3 runs against 3\); .*within the margin of 1 point/i,
    );
    store.close();
  });
});
