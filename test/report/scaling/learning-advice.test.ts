import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../../db/index.ts';
import { resolveStudyConfig } from '../../../src/config/resolve.ts';
import { studyConfig } from '../../../src/config/study-config.ts';
import { epochSeconds } from '../../../src/report/composed-study/study-price.ts';
import {
  epochsAdvice,
  learningSentence,
  learningSources,
  type MeasuredLearning,
  measuredLearning,
  speedUpAdvice,
} from '../../../src/report/scaling/learning-advice.ts';
import { storeStudy, table62 } from '../stored-study.ts';

/** The cerebellum example: its gradient noise scale, and what was enough on 18 workers (research of 27 November 2026). */
const cerebellum: MeasuredLearning = {
  batchPerWorker: 1,
  noise: { scale: 3.3, low: 1.1, high: 9.9, of: 'epochs', epochs: 60, runs: 3, studies: ['cerebellum'] },
  confirmed: [{ study: 'cerebellum', workers: 18, epochs: 1.5 }],
};

let store: Store | null = null;
afterEach(() => store?.close());

describe('how many epochs more workers take', () => {
  it('is the formula scaled to what was confirmed, never less than one worker’s, and no more than was enough', () => {
    const of = (workers: number) => epochsAdvice(cerebellum, workers)!;
    expect(of(18)).toMatchObject({ batch: 18, expected: 1.5, low: 1, high: 1.5, farOff: false });
    expect(of(18).textbook).toBeCloseTo(5, 0);
    // Confirmed in the research without longer training: 4, 8 and, just, 12.
    expect([4, 8].map((workers) => of(workers).expected)).toEqual([1, 1]);
    expect(of(12).expected).toBeCloseTo(1.08, 2);
    expect(of(36)).toMatchObject({ low: 1, high: expect.closeTo(2.91, 2), farOff: false });
    expect(of(128).farOff).toBe(true);
    expect(speedUpAdvice(of(18), 15)).toEqual({ expected: 10, low: 10, high: 15 });
    expect(learningSentence(of(18), 15)).toBe(
      '18 workers process 15 times as many samples; with 18 samples a step, each teaches 0.2 times as much, by the formula. Expect 1.5 times the epochs (1 to 1.5), and the same accuracy 10 times as fast (10 to 15). The formula errs on the high side: a better setting may need no more epochs than one worker. The maximum uses the least favourable measured noise scale.',
    );
  });

  it('has an upper bound and words where nothing was confirmed, and words alone where nothing was measured', () => {
    const unconfirmed = { ...cerebellum, confirmed: [] };
    const advice = epochsAdvice(unconfirmed, 18)!;
    expect(advice).toMatchObject({ expected: null, low: 1 });
    expect(speedUpAdvice(advice, 18)).toMatchObject({ expected: null, high: 18 });
    expect(learningSources(unconfirmed)[1]).toMatch(/^No setting of this task has been confirmed without loss yet/);
    expect(epochsAdvice({ ...cerebellum, noise: null }, 18)).toBeNull();
    expect(learningSources({ ...cerebellum, noise: null })[0]).toMatch(/^How many epochs it takes is unknown/);
  });

  it('is known again after the project’s folder was moved', ({ onTestFinished }) => {
    const moved = mkdtempSync(join(tmpdir(), 'moved-'));
    onTestFinished(() => rmSync(moved, { recursive: true }));
    const configIn = (folder: string) =>
      resolveStudyConfig(
        studyConfig.parse({
          ...{ name: 'atrium', workers: 16, epochs: 40, setting: { initialLr: 0.5 } },
          data: { kind: 'slices', path: 'slices' },
        }),
        folder,
      );
    store = openStore({ path: join(moved, 'autopilot.db') });
    storeStudy(store, { ...table62, config: configIn('/project'), noiseScale: 2 });
    expect(measuredLearning(configIn(moved), store)).toMatchObject({
      noise: { runs: 4 },
      confirmed: [{ workers: 16 }],
    });
    expect(epochSeconds(configIn(moved), store)?.source).toMatch(/^measured in atrium/);
    expect(measuredLearning(configIn('/elsewhere'), store)).toMatchObject({ noise: null, confirmed: [] });
    store.close();
    store = null;
  });

  it('rests on studies of the same task, wherever their workers’ gradients were computed, and on no simulated one', () => {
    const configOf = (changes: object) =>
      resolveStudyConfig(
        studyConfig.parse({ name: 'atrium', workers: 16, epochs: 40, setting: { initialLr: 0.5 }, ...changes }),
        '/project',
      );
    const exact = configOf({ launcher: { kind: 'local', shards: 'exact' } });
    store = openStore({ path: ':memory:' });
    storeStudy(store, { ...table62, config: exact, noiseScale: 2 });
    storeStudy(store, { ...table62, config: exact, noiseScale: 50, name: 'pretended', simulated: true });
    storeStudy(store, { ...table62, config: configOf({ batchPerWorker: 4 }), noiseScale: 50, name: 'another' });
    const found = measuredLearning(configOf({}), store);
    // The epochs of stabilization: the second of three.
    expect(found.noise).toMatchObject({ scale: 4, low: 4, high: 4, runs: 4, studies: ['atrium'] });
    expect(found.confirmed).toEqual([{ study: 'atrium', workers: 16, epochs: 1 }]);
  });
});
