import { describe, expect, it } from 'vitest';
import {
  decayShape,
  defaultDecayEpochs,
  defaultMilestones,
  lrPerEpoch,
  phaseAt,
  phases,
  type ScheduleSpec,
  scaledLr,
} from '../../schedules/index.ts';

const common = { workers: 4, epochs: 8, initialLr: 0.1 };
const e = Math.E;

/** Rates worked out by hand from the formulas in the docs, k = 4, η = 0.1, so kη = 0.4. */
const tables: [string, ScheduleSpec, number[]][] = [
  [
    'GreScale climbs by (kη − η)/W = 0.1 an epoch, holds 0.4, falls by exp(−1) an epoch',
    { policy: 'greScale', ...common, warmupEpochs: 3, decayEpochs: 3, decayCoefficient: 3, decayShape: 'exponential' },
    [0.1, 0.2, 0.3, 0.4, 0.4, 0.4, 0.4 / e, 0.4 / e ** 2, 0.4 / e ** 3],
  ],
  [
    'GreScale with linear decay falls by (0.4 − 0.1)/3 = 0.1 an epoch to a quarter',
    {
      policy: 'greScale',
      ...common,
      warmupEpochs: 3,
      decayEpochs: 3,
      decayCoefficient: Math.log(4),
      decayShape: 'linear',
    },
    [0.1, 0.2, 0.3, 0.4, 0.4, 0.4, 0.3, 0.2, 0.1],
  ],
  [
    'GreScale with inverse decay divides by 1 + t·3: 2, 3, 4',
    {
      policy: 'greScale',
      ...common,
      warmupEpochs: 3,
      decayEpochs: 3,
      decayCoefficient: Math.log(4),
      decayShape: 'inverse',
    },
    [0.1, 0.2, 0.3, 0.4, 0.4, 0.4, 0.2, 0.4 / 3, 0.1],
  ],
  [
    'GreScale with polynomial decay squares 1 − t/2: (5/6)², (4/6)², (3/6)²',
    {
      policy: 'greScale',
      ...common,
      warmupEpochs: 3,
      decayEpochs: 3,
      decayCoefficient: Math.log(4),
      decayShape: 'polynomial',
    },
    [0.1, 0.2, 0.3, 0.4, 0.4, 0.4, (0.4 * 25) / 36, (0.4 * 16) / 36, 0.1],
  ],
  [
    'GreScale without warmup and decay is constant at kη',
    { policy: 'greScale', ...common, warmupEpochs: 0, decayEpochs: 0, decayCoefficient: 3, decayShape: 'linear' },
    [0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4],
  ],
  ['constant, unscaled', { policy: 'constant', ...common, scaling: 'none' }, Array(9).fill(0.1)],
  ['constant, linear', { policy: 'constant', ...common, scaling: 'linear' }, Array(9).fill(0.4)],
  ['constant, square root of 4', { policy: 'constant', ...common, scaling: 'squareRoot' }, Array(9).fill(0.2)],
  [
    'constant warmup',
    { policy: 'constantWarmup', ...common, warmupEpochs: 2 },
    [0.1, 0.1, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4],
  ],
  [
    'gradual warmup and staircase, down from the milestone on',
    { policy: 'gradualWarmup', ...common, warmupEpochs: 3, milestones: [5, 7], factor: 0.1 },
    [0.1, 0.2, 0.3, 0.4, 0.4, 0.04, 0.04, 0.004, 0.004],
  ],
  [
    'exponential, exp(−1/2) an epoch',
    { policy: 'exponential', ...common, decayCoefficient: 4 },
    [0, 1, 2, 3, 4, 5, 6, 7, 8].map((epoch) => 0.4 / e ** (epoch / 2)),
  ],
  [
    'polynomial, squares of eighths above 0.08',
    { policy: 'polynomial', ...common, power: 2, finalLr: 0.08 },
    [0.4, 0.325, 0.26, 0.205, 0.16, 0.125, 0.1, 0.085, 0.08],
  ],
  [
    'staircase, halved twice',
    { policy: 'staircase', ...common, milestones: [2, 5], factor: 0.5 },
    [0.4, 0.4, 0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1],
  ],
  [
    'cosine: quarter, half and three quarters of the way',
    { policy: 'cosine', ...common, warmupEpochs: 4, finalLr: 0.2 },
    [0.1, 0.175, 0.25, 0.325, 0.4, 0.3 + 0.1 * Math.SQRT1_2, 0.3, 0.3 - 0.1 * Math.SQRT1_2, 0.2],
  ],
  [
    'cyclic: up in two epochs, down in two',
    { policy: 'cyclic', ...common, maximumLr: 0.5, cycleEpochs: 4 },
    [0.1, 0.3, 0.5, 0.3, 0.1, 0.3, 0.5, 0.3, 0.1],
  ],
];

describe('rates worked out by hand', () => {
  it.each(tables)('%s', (_name, spec, expected) => {
    const rates = lrPerEpoch(spec);
    expect(rates).toHaveLength(expected.length);
    for (const [epoch, rate] of rates.entries()) expect(rate).toBeCloseTo(expected[epoch]!, 14);
  });
});

describe('default durations', () => {
  // 3/7 of (E − 5): 40 → 15, 120 → 49.29, 90 → 36.43, 12 → 3, 5 → 0.
  it.each([
    [40, 15],
    [120, 49],
    [90, 36],
    [12, 3],
    [14, 4],
    [5, 0],
    [3, 0],
  ])('decay of %i epochs is %i', (epochs, decay) => {
    expect(defaultDecayEpochs(epochs)).toBe(decay);
  });

  it('takes the decay from what a longer warmup leaves', () => {
    expect(defaultDecayEpochs(40, 12)).toBe(12);
  });

  it('puts the steps of Goyal et al. at epochs 30, 60 and 80 of 100', () => {
    expect(defaultMilestones(100)).toEqual([30, 60, 80]);
  });
});

describe('phases', () => {
  const spans = (spec: ScheduleSpec) => phases(spec).map(({ phase, from, to }) => `${phase} ${from}-${to}`);
  const [greScale, , , , bare, , , , constantWarmup, gradualWarmup, exponential, , staircase, cosine, cyclic] = tables;

  it.each([
    [greScale, ['warmup 0-3', 'stabilization 3-5', 'decay 5-8']],
    [bare, ['stabilization 0-8']],
    [constantWarmup, ['warmup 0-2', 'stabilization 2-8']],
    [gradualWarmup, ['warmup 0-3', 'stabilization 3-5', 'decay 5-8']],
    [exponential, ['decay 0-8']],
    [staircase, ['stabilization 0-2', 'decay 2-8']],
    [cosine, ['warmup 0-4', 'decay 4-8']],
    [cyclic, ['stabilization 0-8']],
  ])('of %j', (table, expected) => {
    expect(spans(table![1])).toEqual(expected);
  });

  it('change at the border itself', () => {
    const at = (epoch: number) => phaseAt(greScale![1], epoch);
    expect([0, 2.99, 3, 4.99, 5, 8].map(at)).toEqual([
      'warmup',
      'warmup',
      'stabilization',
      'stabilization',
      'decay',
      'decay',
    ]);
  });
});

describe('parts', () => {
  it('shapes of the decay all fall from 1 to exp(−c)', () => {
    for (const shape of ['exponential', 'linear', 'inverse', 'polynomial'] as const) {
      expect(decayShape(shape, 3)(0)).toBe(1);
      expect(decayShape(shape, 3)(1)).toBeCloseTo(0.049787068367863944, 15);
    }
  });

  it('scaling by k and by √k', () => {
    expect([scaledLr(0.5, 9, 'none'), scaledLr(0.5, 9, 'linear'), scaledLr(0.5, 9, 'squareRoot')]).toEqual([
      0.5, 4.5, 1.5,
    ]);
  });
});
