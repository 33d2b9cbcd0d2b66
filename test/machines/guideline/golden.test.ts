import { expect, test } from 'vitest';
import {
  advance,
  bestIteration,
  decisions,
  describeNext,
  iterations,
  outcome,
  pendingRuns,
  resolveGuideline,
  start,
  stateName,
} from '../../../machines/guideline/index.ts';
import { finish, inputOf, play, setting } from './drive.ts';

const rule = { rule: 'nonInferiority' as const, metrics: ['dice'], margin: 0.01, alpha: 0.05, maxRuns: 8 };
const actions = (dice: number[], overrides = {}) => iterations(play(dice, overrides)).map(({ action }) => action);

test('says what it saw, what it concludes and what it does next', () => {
  expect(decisions(play([0.779, 0.684])).at(-1)).toMatchObject({
    sequence: 3,
    iteration: 2,
    verdict: 'degraded',
    rule: 'thesis.degraded',
    observed: { dice: 0.684, previousDice: 0.779, baselineDice: 0.8 },
    next: { action: 'increaseDecayCoefficient' },
    settingBefore: { initialLr: 0.25, decayCoefficient: 3 },
    settingAfter: { initialLr: 0.25, decayCoefficient: 4.5 },
    reason:
      'dice 0.779 → 0.684 (−0.095): degraded, so stop decreasing the initial rate; ' +
      'next: increase the decay coefficient 3 → 4.5 from iteration 1',
  });
});

test('up to the threshold the defaults are trained first, above it they are not', () => {
  expect(pendingRuns(play([], { workers: 12 }))).toMatchObject([{ key: 'iteration-0', workers: 12 }]);
  expect(pendingRuns(play([], { workers: 13 }))).toMatchObject([{ key: 'iteration-1', workers: 13 }]);
  expect(iterations(play([], { workers: 13 }))[0]).toMatchObject({
    action: 'applyDefaults',
    parent: null,
    results: [],
  });
});

test('a new action starts from the best setting, or from the previous one', () => {
  const previous = { ...resolveGuideline('thesis'), startFrom: 'previous' as const };
  expect(iterations(play([0.75, 0.7])).at(-1)).toMatchObject({ parent: 1, setting: { initialLr: 0.25 } });
  expect(iterations(play([0.75, 0.7], { guideline: previous })).at(-1)).toMatchObject({
    parent: 2,
    setting: { initialLr: 0.125 },
  });
});

test('a validation that does not confirm counts as the result of the iteration it repeats', () => {
  expect(actions([0.75, 0.8, 0.76]).slice(1)).toEqual([
    'decreaseInitialLr',
    'decreaseInitialLr',
    'validate',
    'decreaseInitialLr',
  ]);
  expect(actions([0.75, 0.8, 0.74]).slice(1)).toEqual([
    'decreaseInitialLr',
    'decreaseInitialLr',
    'validate',
    'increaseDecayCoefficient',
  ]);
});

test('a confirmed iteration is the best one and ends the study', () => {
  const state = play([0.75, 0.8, 0.8]);
  expect(outcome(state)?.outcome).toBe('noLoss');
  expect(bestIteration(state)?.number).toBe(2);
  expect(stateName(state)).toBe('noLoss');
});

test('falling results end exhausted after one step of every action', () => {
  const state = play([0.7, 0.69, 0.68, 0.67, 0.66, 0.65, 0.64]);
  expect(outcome(state)?.outcome).toBe('exhausted');
  expect(actions([0.7, 0.69, 0.68, 0.67, 0.66, 0.65, 0.64])).toEqual([
    'applyDefaults',
    'decreaseInitialLr',
    'decreaseInitialLr',
    'increaseDecayCoefficient',
    'increaseWarmup',
    'extendDecay',
    'changeOptimizer',
    'changeOptimizer',
  ]);
  expect(
    iterations(state)
      .slice(-2)
      .map((row) => row.setting.optimizer),
  ).toEqual(['momentum', 'adam']);
});

test('a step that would leave W + D ≤ E is not taken, and the decision says so', () => {
  const tight = { ...setting, warmupEpochs: 22, decayEpochs: 15 };
  const state = play([0.7, 0.69, 0.68], { setting: tight });
  expect(iterations(state).at(-1)?.action).toBe('changeOptimizer');
  expect(decisions(state).at(-1)?.reason).toContain('warmup 27 + decay 15 epochs would exceed the 40 of a run');
});

test('optimizers the trainer cannot do are skipped by name', () => {
  const guideline = resolveGuideline('optimizerFirst');
  const state = play([], { guideline, capabilities: { optimizers: ['sgd', 'momentum'] } });
  expect(iterations(state).at(-1)?.setting).toMatchObject({ optimizer: 'momentum', initialLr: 0.05 });
  expect(decisions(state)[0]?.reason).toContain('the trainer cannot do adam');
});

test('a rate factor refers to the rate the action started from, not to the optimizer tried before', () => {
  const guideline = resolveGuideline('optimizerFirst');
  const rates = iterations(play([0.7], { guideline })).map(({ setting: { initialLr } }) => initialLr);
  expect(rates).toEqual([0.5, 0.001, 0.05]);
});

test('the budget counts validations and spends to the last iteration', () => {
  expect(outcome(play([0.7, 0.71], { budget: { iterations: 2 } }))?.outcome).toBe('budgetSpent');
  const reached = play([0.7, 0.8], { budget: { iterations: 2 } });
  expect(outcome(reached)?.reason).toContain('none is left to validate');
});

test('a baseline without the metric to decide on, or one that diverges, ends the study as failed', () => {
  const lacking = advance(start(inputOf()), {
    type: 'run.finished',
    key: 'baseline-1',
    metrics: { iou: 0.8, dice: NaN },
  });
  expect(outcome(lacking)).toMatchObject({ outcome: 'failed' });
  expect(outcome(lacking)?.reason).toContain('reported no usable "dice"');
  const diverged = advance(start(inputOf()), { type: 'run.diverged', key: 'baseline-1', reason: 'NaN', metrics: null });
  expect(outcome(diverged)?.reason).toContain('lower setting.initialLr');
});

test.each([
  [{ type: 'study.cancelled', reason: 'Ctrl-C' }, 'cancelled'],
  [{ type: 'budget.spent', reason: '2 hours are over' }, 'budgetSpent'],
  [{ type: 'run.failed', key: 'iteration-1', reason: 'no memory' }, 'failed'],
] as const)('%o ends the study as %s', (event, expected) => {
  expect(outcome(advance(play([]), event))?.outcome).toBe(expected);
});

test('nonInferiority refuses a single baseline run and says what to do', () => {
  expect(() => start(inputOf({ rule }))).toThrow(/at least 2 baseline runs, got 1\. Raise baseline\.seeds/);
});

test('nonInferiority repeats a candidate one run at a time within one row', () => {
  let state = start(inputOf({ rule, baseline: { runs: 5, setting } }));
  for (const dice of [0.8, 0.801, 0.799, 0.802, 0.798, 0.8, 0.8]) state = finish(state, dice);
  expect(pendingRuns(state).map(({ key }) => key)).toEqual(['validation-2-2']);
  // Two runs are never enough: a spread of one degree of freedom says too little.
  for (const dice of [0.801, 0.8, 0.8]) state = finish(state, dice);
  expect(outcome(state)?.outcome).toBe('noLoss');
  expect(iterations(state).at(-1)?.results).toHaveLength(4);
});

test('speaks of 1 worker, not of 1 workers', () => {
  const state = play([], { workers: 1 });
  expect(decisions(state)[0]?.reason).toContain('1 worker is at most the threshold of 12');
  expect(describeNext(state)).toContain('Iteration 0: apply default parameters, 1 worker.');
});
