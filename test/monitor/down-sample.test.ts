import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkerSample } from '../../src/domain/progress.ts';
import { downSample, samplesPerRank } from '../../src/monitor/down-sample.ts';

function sampleAt(timeMs: number): WorkerSample {
  const [gpuPercent, gpuMemoryBytes, networkReceiveBytes] = [null, null, null];
  const figures = { cpuPercent: 50, memoryBytes: timeMs, stepsPerSecond: 2, networkTransmitBytes: 3 };
  return { rank: 0, timeMs, ...figures, gpuPercent, gpuMemoryBytes, networkReceiveBytes };
}

describe('samples of a rank', () => {
  it('stay within the limit however many come, cover the whole time, and lose no byte that was sent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 500 }), (limit, count) => {
        const push = downSample({ limit });
        let kept: WorkerSample[] = [];
        let stored = 0;
        for (let timeMs = 1; timeMs <= count; timeMs += 1) {
          const change = push(sampleAt(timeMs));
          if (change.type === 'add') kept.push(change.sample);
          if (change.type === 'replace') kept = change.samples;
          if (change.type !== 'none') stored = timeMs;
          expect(kept.length).toBeLessThan(limit);
        }
        expect(kept.at(-1)?.timeMs).toBe(stored);
        expect(kept.reduce((sum, one) => sum + (one.networkTransmitBytes ?? 0), 0)).toBe(3 * stored);
        expect(kept.every(({ cpuPercent, gpuPercent }) => cpuPercent === 50 && gpuPercent === null)).toBe(true);
      }),
    );
  });

  it('are at most some 20,000 a run, however many ranks it has', () => {
    for (const workers of [1, 18, 64, 512, 1000]) expect(workers * samplesPerRank(workers)).toBeLessThanOrEqual(20_000);
  });
});
