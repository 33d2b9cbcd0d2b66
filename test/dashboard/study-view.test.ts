import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type IterationMeans, openStore, type Store } from '../../db/index.ts';
import { heldByRenewal, studyActivity } from '../../src/dashboard/study-activity.ts';
import { studyView, thinned } from '../../src/dashboard/study-view.ts';
import { sampleProject } from './sample-project.ts';

const stores: Store[] = [];
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
});

function sampleStore(): Store {
  const store = openStore({ path: join(sampleProject(), 'autopilot.db') });
  stores.push(store);
  return store;
}

const holder = { token: 't', host: 'node-1', pid: 7, processStart: '1', bootId: 'b' };
const minute = 60_000;

describe('a curve over very many iterations', () => {
  const points: IterationMeans[] = Array.from({ length: 10_000 }, (_, iteration) => {
    const dice = iteration === 4321 ? 0.99 : iteration === 8765 ? 0.01 : 0.8 + Math.sin(iteration) / 100;
    return { iteration, kind: 'iteration', means: [dice] };
  });

  it('keeps the highest and the lowest point, the order, and no more than was asked for', () => {
    const kept = thinned(points, 100);
    expect(kept.length).toBeLessThanOrEqual(100);
    expect(kept.length).toBeGreaterThan(50);
    const iterations = kept.map(({ iteration }) => iteration);
    expect(iterations).toEqual([...iterations].sort((a, b) => a - b));
    expect(iterations).toEqual(expect.arrayContaining([4321, 8765]));
  });

  it('is left as it is where it is short enough', () => {
    expect(thinned(points.slice(0, 100), 100)).toEqual(points.slice(0, 100));
  });
});

describe('the flowchart of a study', () => {
  it.each([
    ['thesis', 12, 5],
    [{ name: 'own', threshold: 4, actions: [{ action: 'extendDecay' }] }, 4, 1],
    ['one that no longer ships', null, null],
  ])('is that of its guideline: %j', (guideline, threshold, actions) => {
    const store = sampleStore();
    const study = { ...store.study('sample')!, config: { guideline, decision: { metrics: ['dice'] } } };
    const view = studyView({ store, study, isHeld: heldByRenewal, nowMs: 0 });
    expect([view.threshold, view.guidelineActions?.length ?? null]).toEqual([threshold, actions]);
  });
});

describe('what happens to a study', () => {
  it('is told by who holds it, and by what was asked of it last', () => {
    const store = sampleStore();
    const now = 100 * minute;
    const activity = () => studyActivity(store, store.study('sample')!, heldByRenewal, now);
    expect(activity()).toMatchObject({ state: 'unattended' });
    store.takeLease({ studyId: 'sample', ...holder, renewedMs: now - 2 * minute });
    expect(activity()).toMatchObject({ state: 'unattended' });
    store.renewLease('sample', holder.token, now - 1000);
    store.appendEvent('sample', { type: 'session.started', pid: 7, launcher: 'local' }, now);
    expect(activity()).toEqual({ state: 'running', host: 'node-1', pid: 7 });
    store.appendEvent('sample', { type: 'pause.requested', stopRuns: false, reason: 'lunch' }, now);
    expect(activity()).toEqual({ state: 'pausing', reason: 'lunch' });
    store.appendEvent('sample', { type: 'study.paused', reason: 'lunch' }, now);
    expect(activity()).toEqual({ state: 'paused', reason: 'lunch' });
    store.appendEvent('sample', { type: 'study.continued' }, now);
    expect(activity()).toMatchObject({ state: 'running' });
  });
});

describe('the stamps of what a page shows', () => {
  const epochOf = (runId: string, epoch: number) => ({
    ...{ runId, epoch, attempt: 1, phase: null, lr: null, loss: null, metrics: null, step: null, seconds: null },
    timeMs: 1,
  });

  it('change with an epoch of a run that is shown, and not with a renewal of the lease', () => {
    const store = sampleStore();
    const stamps = () => [store.stampOfStudy('sample'), store.stampOfRun('sample.iteration-2')];
    const before = stamps();
    store.takeLease({ studyId: 'sample', ...holder, renewedMs: 1 });
    store.renewLease('sample', holder.token, 2);
    expect(stamps()).toEqual(before);
    store.insertEpoch(epochOf('sample.iteration-2', 21));
    const after = stamps();
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
    store.insertEpoch(epochOf('sample.iteration-1', 41));
    expect(store.stampOfRun('sample.iteration-2')).toBe(after[1]);
    store.insertNote({ studyId: 'sample', text: 'seen', runKey: null, timeMs: 3 });
    expect(store.stampOfStudy('sample')).not.toBe(after[0]);
    expect(store.stampOfStudy('unknown')).toBeNull();
  });
});
