import { afterEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../../db/index.ts';
import type { ProgressEvent } from '../../../src/domain/progress.ts';
import { storeSamples } from '../../../src/engine/attempt/store-samples.ts';
import { samplesPerRank } from '../../../src/monitor/down-sample.ts';
import { storeStudy, table62 } from '../../report/stored-study.ts';

const runId = 'atrium.iteration-1';
const stores: Store[] = [];
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
});

function following(workers: number) {
  const store = openStore({ path: ':memory:' });
  stores.push(store);
  storeStudy(store, table62);
  const told: ProgressEvent[] = [];
  const listen = () => storeSamples({ store, runId, key: 'iteration-1', workers, onProgress: (one) => told.push(one) });
  return { store, told, listen };
}

describe('samples that ranks report', () => {
  it('are stored by rank, whole bytes, with nothing where a rank cannot measure', () => {
    const { store, told, listen } = following(2);
    const onSample = listen();
    onSample({ rank: 0, timeMs: 1000.4, cpuPercent: 97.5, memoryBytes: 5.6, stepsPerSecond: 12, gpuPercent: 80 });
    onSample({ rank: 1, timeMs: 1001, networkReceiveBytes: 7, networkTransmitBytes: 8, gpuMemoryBytes: 9 });
    const none = { cpuPercent: null, memoryBytes: null, stepsPerSecond: null, gpuPercent: null, gpuMemoryBytes: null };
    expect(store.samplesOf(runId)).toEqual([
      {
        ...{ runId, rank: 0, timeMs: 1000, cpuPercent: 97.5, memoryBytes: 6, stepsPerSecond: 12, gpuPercent: 80 },
        ...{ gpuMemoryBytes: null, networkReceiveBytes: null, networkTransmitBytes: null },
      },
      { ...none, runId, rank: 1, timeMs: 1001, networkReceiveBytes: 7, networkTransmitBytes: 8, gpuMemoryBytes: 9 },
    ]);
    expect(told).toMatchObject([
      { type: 'sample', key: 'iteration-1', rank: 0 },
      { type: 'sample', key: 'iteration-1', rank: 1 },
    ]);
  });

  it('count once, though a file is read again and an engine that restarts reads the events anew', () => {
    const { store, told, listen } = following(2);
    const first = listen();
    for (const timeMs of [1000, 1000, 2000]) first({ rank: 0, timeMs });
    const restarted = listen();
    for (const timeMs of [1000, 2000, 3000]) restarted({ rank: 0, timeMs });
    expect(store.samplesOf(runId).map(({ timeMs }) => timeMs)).toEqual([1000, 2000, 3000]);
    expect(told).toHaveLength(3);
  });

  it('stay within the limit of a rank through any number of restarts, and bytes are added up', () => {
    const workers = 1000;
    const { store, told, listen } = following(workers);
    const many = 3 * samplesPerRank(workers);
    for (let restart = 0; restart < 3; restart += 1) {
      const onSample = listen();
      for (let at = 1; at <= many; at += 1) {
        onSample({ rank: 7, timeMs: 1000 * (restart * many + at), networkTransmitBytes: 1 });
        expect(store.samplesOfRank(runId, 7).length).toBeLessThanOrEqual(samplesPerRank(workers));
      }
    }
    const kept = store.samplesOfRank(runId, 7);
    const bytes = kept.reduce((sum, { networkTransmitBytes }) => sum + (networkTransmitBytes ?? 0), 0);
    expect(told).toHaveLength(3 * many);
    // What waits to be merged with the next is not stored yet.
    expect(bytes).toBeGreaterThan(3 * many - 3 * samplesPerRank(workers));
    expect(bytes).toBeLessThanOrEqual(3 * many);
  });
});
