import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allreduceSeconds,
  commonNetworks,
  fitNetwork,
  mostCounted,
  scalingAdvice,
} from '../../../src/report/scaling/advice.ts';

const network = fc.record({
  latencySeconds: fc.double({ min: 1e-7, max: 1e-3, noNaN: true }),
  bytesPerSecond: fc.double({ min: 1e8, max: 1e11, noNaN: true }),
});

describe('the α-β model', () => {
  it('costs nothing with one worker, and never less with more', () => {
    fc.assert(
      fc.property(
        network,
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 4, max: 1e9 }),
        (net, workers, bytes) => {
          expect(allreduceSeconds(1, bytes, net)).toBe(0);
          expect(allreduceSeconds(workers + 1, bytes, net)).toBeGreaterThanOrEqual(
            allreduceSeconds(workers, bytes, net),
          );
        },
      ),
    );
  });

  it('is found again from times that it made', () => {
    fc.assert(
      fc.property(network, fc.integer({ min: 2, max: 64 }), (net, workers) => {
        const measured = [4, 65_536, 1e6, 3e7, 1.2e8].map((bytes) => ({
          bytes,
          seconds: allreduceSeconds(workers, bytes, net),
        }));
        const fitted = fitNetwork(workers, measured);
        expect(fitted.latencySeconds / net.latencySeconds).toBeCloseTo(1, 3);
        expect(fitted.bytesPerSecond / net.bytesPerSecond).toBeCloseTo(1, 3);
      }),
    );
  });

  it('has the value worked out by hand', () => {
    // 4 workers, 1 MB, 1 ms latency, 100 MB/s: 2·2·1 ms + 1.5·10 ms
    expect(allreduceSeconds(4, 1e6, { latencySeconds: 1e-3, bytesPerSecond: 1e8 })).toBeCloseTo(0.019, 9);
  });
});

it('advises for a slow network and a small one, and against the other way round', () => {
  const slow = scalingAdvice({
    workers: 18,
    cost: { computeSeconds: 2, gradientBytes: 124e6 },
    network: commonNetworks['InfiniBand HDR']!,
  });
  expect(slow.efficiency).toBeGreaterThan(0.95);
  expect(slow.sentence).toMatch(/^18 workers: \d+ % efficiency, 1[78]\.\d times as fast.*; worth it\.$/);
  const fast = scalingAdvice({
    workers: 18,
    cost: { computeSeconds: 0.05, gradientBytes: 124e6 },
    network: commonNetworks['gigabit Ethernet']!,
  });
  expect(fast.efficiency).toBeLessThan(0.1);
  expect(fast.sentence).toMatch(/not worth it/);
  expect(fast.mostWorthwhile).toBe(1);
});

describe('the advice', () => {
  const cost = fc.record({
    computeSeconds: fc.double({ min: 1e-4, max: 10, noNaN: true }),
    gradientBytes: fc.integer({ min: 4, max: 1e9 }),
  });
  const workers = fc.integer({ min: 1, max: 4096 });

  it('splits a step into computing and exchanging, and hiding the exchange never hurts', () => {
    fc.assert(
      fc.property(network, cost, workers, (net, step, k) => {
        const advice = scalingAdvice({ workers: k, cost: step, network: net });
        expect(advice.efficiency).toBeCloseTo(
          advice.computeSeconds / (advice.computeSeconds + advice.exchangeSeconds),
          12,
        );
        expect(advice.overlappedEfficiency).toBeGreaterThanOrEqual(advice.efficiency);
        expect(advice.overlappedEfficiency).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('names the last number of workers with half efficiency', () => {
    fc.assert(
      fc.property(network, cost, fc.integer({ min: 1, max: 64 }), (net, step, cores) => {
        const efficiencyOf = (k: number) => scalingAdvice({ workers: k, cost: step, network: net, cores }).efficiency;
        const { mostWorthwhile } = scalingAdvice({ workers: 2, cost: step, network: net, cores });
        expect(efficiencyOf(mostWorthwhile)).toBeGreaterThanOrEqual(0.5);
        if (mostWorthwhile < mostCounted) expect(efficiencyOf(mostWorthwhile + 1)).toBeLessThan(0.5);
      }),
    );
  });

  it('counts cores: workers without one take turns', () => {
    const options = { cost: { computeSeconds: 1, gradientBytes: 4 }, network: commonNetworks['InfiniBand HDR']! };
    const shared = scalingAdvice({ ...options, workers: 8, cores: 2 });
    expect(shared.speedup).toBeCloseTo(2, 3);
    expect(shared.sentence).toMatch(/not worth it: there are more workers than cores/);
    expect(scalingAdvice({ ...options, workers: 8 }).speedup).toBeCloseTo(8, 3);
  });
});
