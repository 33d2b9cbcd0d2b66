import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { perStep, type ScheduleSpec, scheduleFrom } from '../../schedules/index.ts';

interface Rates {
  torch: string;
  cases: { scheduler: string; spec: ScheduleSpec; stepsPerEpoch: number; rates: number[] }[];
}

const file = new URL('pytorch-rates.json', import.meta.url);
const { torch, cases } = JSON.parse(readFileSync(file, 'utf8')) as Rates;

describe(`rates of PyTorch ${torch}'s own schedulers`, () => {
  it.each(cases.map((each) => [each.spec.policy, each.scheduler, each] as const))(
    '%s equals %s at every step',
    (_policy, _scheduler, { spec, stepsPerEpoch, rates }) => {
      const rate = perStep(scheduleFrom(spec), stepsPerEpoch);
      const furthest = Math.max(...rates.map((expected, step) => Math.abs(rate(step) / expected - 1)));
      // PyTorch multiplies the rate up step by step; its rounding errors add up to about 1e-13.
      expect(furthest).toBeLessThan(1e-11);
    },
  );

  it('covers every policy', () => {
    expect(new Set(cases.map(({ spec }) => spec.policy)).size).toBe(9);
  });
});
