import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../db/index.ts';
import { resolveStudyConfig } from '../../../src/config/resolve.ts';
import { studyConfig } from '../../../src/config/study-config.ts';
import { isAhead } from '../../../src/domain/study.ts';
import { runStudy } from '../../../src/engine/study/run-study.ts';
import { studyHistory } from '../../../src/report/history/history.ts';
import { historySummary } from '../../../src/report/history/summary.ts';
import { findings, temporaryProject } from '../example-study.ts';
import { simulatedJobs } from '../simulated-jobs.ts';

interface Shape {
  seed: number;
  workers: number;
  noise: number;
  ceiling: number;
  stableLr: number;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.nat(10_000),
  workers: fc.constantFrom(4, 8, 18),
  noise: fc.constantFrom(0.001, 0.004, 0.01),
  ceiling: fc.constantFrom(0.85, 0.95),
  stableLr: fc.constantFrom(0.5, 2, 4),
});

function studyOf({ seed, workers, ...trainer }: Shape, changes: Record<string, unknown> = {}) {
  const directory = temporaryProject();
  const config = resolveStudyConfig(
    studyConfig.parse({
      name: 'example',
      seed,
      workers,
      epochs: 6,
      trainer: { kind: 'simulated', ...trainer },
      setting: { initialLr: 0.3, warmupEpochs: 1, decayEpochs: 2 },
      decision: { rule: 'nonInferiority' },
      guideline: 'anytime',
      baseline: { seeds: 3 },
      budget: { iterations: 5 },
      checkpoints: { everyEpochs: 1 },
      ...changes,
    }),
    directory,
  );
  return { directory, config };
}

async function trained(shape: Shape, changes: Record<string, unknown>) {
  const store = openStore({ path: ':memory:' });
  const jobs = simulatedJobs();
  await runStudy({ store, ...studyOf(shape, changes), launcher: jobs.launcher() });
  return { store, jobs };
}

/** Without the runs that no decision has seen, and without whose place a run took. */
function decided(store: Parameters<typeof findings>[0]) {
  const { runs, ...rest } = findings(store);
  return { ...rest, runs: runs.filter(({ key }) => !key.startsWith('ahead-')) };
}

const ofShape: Shape = { seed: 3, workers: 4, noise: 0.004, ceiling: 0.95, stableLr: 2 };

describe('a study that trains ahead', () => {
  it('decides as it would without, whatever was trained ahead', async () => {
    let ahead = 0;
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer({ min: 2, max: 5 }), async (shape, concurrentRuns) => {
        const without = await trained(shape, { concurrentRuns });
        const { store } = await trained(shape, { concurrentRuns, trainAhead: true });
        expect(decided(store)).toEqual(decided(without.store));
        const runs = store.runsOf('example');
        ahead += runs.filter(isAhead).length;
        taken += runs.filter(({ reason }) => reason?.startsWith('taken from example.ahead-')).length;
      }),
      { numRuns: 6 },
    );
    expect(taken).toBeGreaterThan(0);
    expect(ahead).toBeGreaterThan(taken);
  });

  it('does so after its engine was killed, and trains nothing twice', async () => {
    const changes = { concurrentRuns: 3, trainAhead: true };
    const without = await trained(ofShape, { concurrentRuns: 3 });
    const { directory, config } = studyOf(ofShape, changes);
    const store = openStore({ path: ':memory:' });
    const jobs = simulatedJobs();
    for (let after = 1; store.study('example')?.outcome == null; after += 10) {
      const died = new AbortController();
      const onProgress = () => {
        if (jobs.started.length >= after) died.abort('killed');
      };
      const gone = new Promise<void>((resolve) => died.signal.addEventListener('abort', () => resolve()));
      await runStudy({ store, directory, config, launcher: jobs.launcher(gone), signal: died.signal, onProgress });
      await jobs.settled();
    }
    expect(decided(store)).toEqual(decided(without.store));
    const finishedTwice = store.eventsOf('example', { types: ['run.finished'] }).map(({ event }) => event.key);
    expect(new Set(finishedTwice).size).toBe(finishedTwice.length);
  });

  it('stops what the guideline does not want any more, and says what that cost', async () => {
    const { store } = await trained(ofShape, { concurrentRuns: 3, trainAhead: true });
    const history = studyHistory(store, store.study('example')!);
    const unclaimed = store
      .runsOf('example')
      .filter((run) => isAhead(run) && !store.runsOf('example').some(({ reason }) => reason?.includes(run.id)));
    expect(unclaimed.length).toBeGreaterThan(0);
    expect(history.totals.unclaimed).toBe(unclaimed.length);
    expect(store.runningRunsOf('example')).toEqual([]);
    expect(historySummary(history)).toContain('trained ahead of the guideline');
  });

  it('trains nothing ahead where it was not asked to, or where no place is free', async () => {
    const unasked = await trained(ofShape, { concurrentRuns: 3 });
    const full = await trained(ofShape, { concurrentRuns: 1, trainAhead: true });
    for (const { store } of [unasked, full]) expect(store.runsOf('example').filter(isAhead)).toEqual([]);
  });
});
