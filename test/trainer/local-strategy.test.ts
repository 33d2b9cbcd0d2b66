import { describe, expect, it } from 'vitest';
import { localExact, localFused } from '../../src/trainer/strategy/local.ts';
import { treeSum } from '../../src/trainer/strategy/tree-sum.ts';
import { strategyContract } from './strategy-contract.ts';

strategyContract('local (exact)', async (workers) => [localExact(workers)]);
strategyContract('local (fused)', async (workers) => [localFused(workers)]);

describe('the tree sum', () => {
  // 1e8 swallows a single 3 but not 6: float addition shows the order.
  const parts = (...values: number[]) => values.map((value) => Float32Array.of(value));

  it('adds neighbours first, then pairs at distance two', () => {
    expect(treeSum(parts(1e8, -1e8, 3, 3))[0]).toBe(6);
    expect(treeSum(parts(1e8, 3, -1e8, 3))[0]).toBe(0);
  });

  it('folds the first pairs when the workers are no power of two', () => {
    // ((a + b) + c), not a + (b + c)
    expect(treeSum(parts(1e8, -1e8, 3))[0]).toBe(3);
    expect(treeSum(parts(3, 1e8, -1e8))[0]).toBe(0);
    // ((a + b) + c) + (d + e) for five
    expect(treeSum(parts(1e8, -1e8, 3, 1e8, 3))[0]).toBe(Math.fround(3 + Math.fround(1e8 + 3)));
  });
});
