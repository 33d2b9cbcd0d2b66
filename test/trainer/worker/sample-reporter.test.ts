import { describe, expect, it } from 'vitest';
import type { RankSample } from '../../../src/protocol/sample-file.ts';
import { type SampleReporterOptions, sampleReporter } from '../../../src/trainer/worker/sample-reporter.ts';

/** A reporter on a clock that is moved by hand. */
function reporterAt(options: Partial<SampleReporterOptions> = {}) {
  const clock = { ms: 0 };
  const written: RankSample[] = [];
  const reporter = sampleReporter({
    rank: 3,
    write: (sample) => written.push(sample),
    sampler: async () => ({ cpuPercent: 50, memoryBytes: 1000, gpuPercent: 90 }),
    now: () => clock.ms,
    ...options,
  });
  /** Steps, evenly spread over some time; then what was started has ended. */
  async function train(steps: number, ms: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      clock.ms += ms / steps;
      reporter.step();
      await Promise.resolve();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { written, train };
}

describe('a rank', () => {
  it('samples itself after a second of training, then every five, with the rate of its steps since', async () => {
    const { written, train } = reporterAt();
    await train(9, 900);
    expect(written).toEqual([]);
    await train(1, 100);
    expect(written).toMatchObject([{ rank: 3, stepsPerSecond: 10, cpuPercent: 50, memoryBytes: 1000, gpuPercent: 90 }]);
    await train(24, 4800);
    expect(written).toHaveLength(1);
    await train(1, 200);
    expect(written[1]).toMatchObject({ stepsPerSecond: 5 });
    expect(written[1]?.timeMs).toBeGreaterThan(1.7e12);
  });

  it('takes no second sample while one is being taken', async () => {
    let answer = (_: { cpuPercent: number; memoryBytes: number }) => {};
    let asked = 0;
    const sampler = () => {
      asked += 1;
      return new Promise<{ cpuPercent: number; memoryBytes: number }>((resolve) => {
        answer = resolve;
      });
    };
    const { written, train } = reporterAt({ sampler, everyMs: 1000 });
    await train(50, 50_000);
    expect([asked, written.length]).toEqual([1, 0]);
    answer({ cpuPercent: 1, memoryBytes: 2 });
    await train(1, 1000);
    expect(written).toHaveLength(1);
    await train(1, 1000);
    expect(asked).toBe(2);
  });

  it('goes on training when a sample cannot be taken or written', async () => {
    let refused = 0;
    const { train } = reporterAt({
      write: () => {
        refused += 1;
        throw new Error('no space left on device');
      },
    });
    await train(10, 6000);
    await train(10, 6000);
    expect(refused).toBeGreaterThan(1);
    const broken = reporterAt({ sampler: () => Promise.reject(new Error('no /proc')) });
    await broken.train(10, 6000);
    expect(broken.written).toEqual([]);
  });
});
