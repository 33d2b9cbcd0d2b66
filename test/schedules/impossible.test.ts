import { describe, expect, it } from 'vitest';
import { lrPerEpoch, perStep, type ScheduleSpec, scheduleFrom } from '../../schedules/index.ts';

const common = { workers: 4, epochs: 10, initialLr: 0.1 };
const greScale: ScheduleSpec = {
  policy: 'greScale',
  ...common,
  warmupEpochs: 2,
  decayEpochs: 3,
  decayCoefficient: 3,
  decayShape: 'exponential',
};
const staircase: ScheduleSpec = { policy: 'staircase', ...common, milestones: [3, 6], factor: 0.1 };
const gradual: ScheduleSpec = { ...staircase, policy: 'gradualWarmup', warmupEpochs: 2 };
const cosine: ScheduleSpec = { policy: 'cosine', ...common, warmupEpochs: 2, finalLr: 0.01 };
const polynomial: ScheduleSpec = { policy: 'polynomial', ...common, power: 2, finalLr: 0.01 };
const cyclic: ScheduleSpec = { policy: 'cyclic', ...common, maximumLr: 1, cycleEpochs: 4 };
const exponential: ScheduleSpec = { policy: 'exponential', ...common, decayCoefficient: 3 };
const constant: ScheduleSpec = { policy: 'constant', ...common, scaling: 'linear' };
const constantWarmup: ScheduleSpec = { policy: 'constantWarmup', ...common, warmupEpochs: 2 };

/** A possible schedule, the change that makes it impossible, and what the error must name. */
const impossible: [ScheduleSpec, object, RegExp][] = [
  [greScale, { warmupEpochs: 8 }, /warmupEpochs \+ decayEpochs is 8 \+ 3; .*10 epochs/],
  [greScale, { warmupEpochs: 11 }, /warmupEpochs is 11; give at most 10/],
  [greScale, { decayEpochs: -1 }, /decayEpochs is -1; give a finite number, 0 or above/],
  [greScale, { decayCoefficient: -0.1 }, /decayCoefficient is -0.1/],
  [greScale, { decayCoefficient: 1000 }, /decayCoefficient is 1000; it makes the rate 0/],
  [greScale, { decayShape: 'steep' }, /decayShape is steep; give one of exponential, linear/],
  [greScale, { initialLr: 0 }, /initialLr is 0; give a finite number above 0/],
  [greScale, { initialLr: Number.NaN }, /initialLr is NaN/],
  [greScale, { initialLr: 1e308 }, /initialLr is 1e\+308; it makes the rate infinite/],
  [greScale, { workers: 0 }, /workers is 0; give a whole number from 1/],
  [greScale, { workers: 2.5 }, /workers is 2.5/],
  [greScale, { epochs: 10.5 }, /epochs is 10.5/],
  [constant, { scaling: 'cubic' }, /scaling is cubic; give one of none, linear, squareRoot/],
  [constant, { initialLr: -1 }, /schedule constant: initialLr is -1/],
  [constantWarmup, { warmupEpochs: 11 }, /warmupEpochs is 11/],
  [constantWarmup, { workers: 0 }, /workers is 0/],
  [gradual, { warmupEpochs: 4 }, /milestones is 3, 6; let the first come after the 4 epochs/],
  [gradual, { warmupEpochs: 12 }, /warmupEpochs is 12/],
  [gradual, { milestones: [6, 3] }, /milestones is 6, 3; give rising epochs/],
  [staircase, { milestones: [3, 11] }, /up to 10/],
  [staircase, { milestones: [0, 3] }, /milestones is 0, 3/],
  [staircase, { milestones: [3, 3] }, /milestones is 3, 3/],
  [staircase, { factor: 0 }, /factor is 0/],
  [staircase, { factor: 1.1 }, /factor is 1.1; give a number above 0 and up to 1/],
  [staircase, { factor: 1e-200 }, /factor is 1e-200; it makes the rate 0/],
  [cosine, { finalLr: 0 }, /finalLr is 0/],
  [cosine, { finalLr: 0.5 }, /finalLr is 0.5; give at most the peak rate, 0.4/],
  [cosine, { warmupEpochs: 11 }, /warmupEpochs is 11/],
  [polynomial, { finalLr: 0.5 }, /finalLr is 0.5/],
  [polynomial, { power: 0 }, /power is 0/],
  [cyclic, { maximumLr: 0.05 }, /maximumLr is 0.05; give at least initialLr, 0.1/],
  [cyclic, { cycleEpochs: 0 }, /cycleEpochs is 0/],
  [exponential, { decayCoefficient: -1 }, /decayCoefficient is -1/],
  [exponential, { decayCoefficient: 1000 }, /it makes the rate 0/],
  [exponential, { policy: 'exponentail' }, /policy is exponentail; give one of greScale, constant/],
];

describe('an impossible schedule', () => {
  it.each(impossible)('%j with %j is refused', (spec, change, message) => {
    expect(() => scheduleFrom(spec)).not.toThrow();
    const broken = { ...spec, ...change } as ScheduleSpec;
    expect(() => scheduleFrom(broken)).toThrow(RangeError);
    expect(() => lrPerEpoch(broken)).toThrow(message);
  });

  it('may fill the training to the last epoch', () => {
    const full = scheduleFrom({ ...greScale, warmupEpochs: 7 } as ScheduleSpec);
    expect([full(0), full(7), full(10)]).toEqual([0.1, 0.4, 0.4 * Math.exp(-3)]);
    expect(scheduleFrom({ ...cosine, warmupEpochs: 10 } as ScheduleSpec)(10)).toBe(0.4);
  });
});

describe('an impossible place', () => {
  it('before the first epoch is refused', () => {
    expect(() => scheduleFrom(greScale)(-0.1)).toThrow('epoch is -0.1; give a number from 0 to 10');
    expect(() => scheduleFrom(cyclic)(Number.NaN)).toThrow(RangeError);
  });

  it('of no steps an epoch is refused', () => {
    expect(() => perStep(scheduleFrom(greScale), 0)).toThrow('stepsPerEpoch is 0; give a whole number from 1');
  });
});
