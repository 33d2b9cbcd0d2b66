import { afterEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../db/index.ts';
import { trainedMs } from '../../src/engine/study/budget.ts';

const hour = 3_600_000;
const setting = { initialLr: 0.5, decayCoefficient: 3, warmupEpochs: 5, decayEpochs: 6, optimizer: 'sgd' } as const;
const stores: Store[] = [];
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
});

/** A store with one run that began at hour 10. */
function storeWithRun(): Store {
  const store = openStore({ path: ':memory:' });
  stores.push(store);
  const described = { config: {}, configHash: 'c', guidelineHash: 'g', directory: '/project', versions: {} };
  store.insertStudy({ id: 's', name: 's', ...described, workers: 4, epochs: 20, simulated: false, createdMs: 1 });
  const run = {
    kind: 'baseline',
    iteration: null,
    repeat: 1,
    workers: 1,
    origin: 'trained',
    simulated: false,
  } as const;
  store.insertRun({ id: 's.baseline-1', studyId: 's', key: 'baseline-1', ...run, setting, seed: 1, createdMs: 1 });
  store.markRunStarted('s.baseline-1', 10 * hour);
  const attempt = { name: 'a', runId: 's.baseline-1', number: 1, launcher: 'local', resumeFrom: null };
  store.insertAttempt({ ...attempt, createdMs: 10 * hour });
  store.markAttemptStarted('a', {}, 10 * hour);
  return store;
}

/** Hours that its run has trained. */
function hoursOf(store: Store): number {
  return trainedMs(store, store.run('s.baseline-1')!) / hour;
}

function epochEnds(store: Store, epoch: number, timeMs: number): void {
  const measured = { phase: null, lr: null, loss: null, metrics: null, step: null, seconds: null };
  store.insertEpoch({ runId: 's.baseline-1', epoch, attempt: 1, ...measured, timeMs });
}

describe('what a comparison has spent', () => {
  it('counts a run that was left behind only up to its last epoch', () => {
    const store = storeWithRun();
    expect(hoursOf(store)).toBe(0);
    epochEnds(store, 1, 10.5 * hour);
    epochEnds(store, 2, 11 * hour);
    expect(hoursOf(store)).toBe(1);
  });

  it('counts up to the end of the last attempt, and to the end of a run that has one', () => {
    const store = storeWithRun();
    epochEnds(store, 1, 11 * hour);
    store.markAttemptEnded('a', { reason: 'workersLost', message: null, timeMs: 12 * hour });
    expect(hoursOf(store)).toBe(2);
    store.markRunEnded('s.baseline-1', { state: 'finished', reason: null, metrics: { dice: 0.8 }, timeMs: 13 * hour });
    expect(hoursOf(store)).toBe(3);
  });
});
