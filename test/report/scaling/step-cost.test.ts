import { afterEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../../db/index.ts';
import { estimatedCosts, studyCost } from '../../../src/report/scaling/step-cost.ts';
import { storeStudy } from '../stored-study.ts';

let store: Store;
afterEach(() => store.close());

/** A study of one baseline run and one of 16 workers; `epochs` are [steps so far, seconds]. */
function studyWith(epochs: { baseline?: [number, number][]; distributed?: [number, number][] }, parameters?: number) {
  store = openStore({ path: ':memory:' });
  storeStudy(store, {
    baseline: [{ dice: 0.8 }],
    rows: [{ action: 'applyDefaults', metrics: { dice: 0.7 } }],
  });
  for (const [key, list = []] of [
    ['baseline-1', epochs.baseline],
    ['iteration-0', epochs.distributed],
  ] as const) {
    const runId = `atrium.${key}`;
    const stored = store.epochsOf(runId);
    for (const [index, epoch] of stored.entries()) {
      const [step, seconds] = list[index] ?? [null, null];
      store.insertEpoch({ ...epoch, step, seconds });
    }
    if (parameters !== undefined) {
      store.describeAttempt(`${runId}.1`, { capabilities: null, environment: { parameters } });
    }
  }
  return store.study('atrium')!;
}

describe('the cost of a step', () => {
  it('is the single worker’s in a study, its first epoch left out', () => {
    const study = studyWith(
      {
        baseline: [
          [10, 9],
          [20, 5],
          [30, 5],
        ],
        distributed: [
          [1, 7],
          [2, 7],
          [3, 7],
        ],
      },
      1000,
    );
    const { cost, source } = studyCost(store, study);
    expect(cost).toEqual({ computeSeconds: 0.5, gradientBytes: 4000 });
    expect(source).toMatch(/^measured: 2 epochs of run baseline-1 on 1 worker, evaluations included$/);
  });

  it('is shared out where one process played all workers', () => {
    const study = studyWith(
      {
        distributed: [
          [10, 160],
          [20, 160],
          [30, 160],
        ],
      },
      1000,
    );
    expect(studyCost(store, study).cost.computeSeconds).toBe(1);
  });

  it('takes the parameters from the user where the trainer is silent, and asks for them', () => {
    const study = studyWith({
      baseline: [
        [10, 5],
        [20, 5],
        [30, 5],
      ],
    });
    expect(() => studyCost(store, study)).toThrow(/--model 31000000/);
    expect(studyCost(store, study, 250).cost.gradientBytes).toBe(1000);
  });

  it('is refused where nothing was measured', () => {
    const study = studyWith({});
    expect(() => studyCost(store, study)).toThrow(/no trained run that reports steps and seconds/);
  });

  it('is estimated for the thesis’s networks at their full size', () => {
    store = openStore({ path: ':memory:' });
    const [unet, fcn] = estimatedCosts();
    expect(unet!.cost.gradientBytes).toBeCloseTo(124e6, -6);
    expect(fcn!.cost.gradientBytes).toBeCloseTo(537e6, -6);
    for (const { cost, source } of [unet!, fcn!]) {
      expect(cost.computeSeconds).toBeGreaterThan(0.05);
      expect(source).toMatch(/^estimated: /);
    }
  });
});
