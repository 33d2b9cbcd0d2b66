import { expect, test } from 'vitest';
import { advance, outcome, pendingRuns, resolveGuideline, start } from '../../../machines/guideline/index.ts';
import type { Setting } from '../../../src/domain/setting.ts';
import { named, study } from './anytime-study.ts';
import { inputOf, setting } from './drive.ts';

test('says of no setting that it may be without loss where the part that confirms has shown the contrary', () => {
  const named = { ...setting, epochs: 40 };
  const rule = { rule: 'nonInferiority' as const, metrics: ['dice'], margin: 0.01, alpha: 0.05, maxRuns: 6 };
  const guideline = resolveGuideline('anytime');
  let state = start(inputOf({ guideline, rule, baseline: { runs: 5, setting: named }, setting: named }));
  for (let [run] = pendingRuns(state); run !== undefined; [run] = pendingRuns(state)) {
    const { kind, key, repeat } = run;
    const value = kind === 'baseline' ? 0.798 + 0.001 * (repeat - 1) : 0.801;
    const onTest = kind === 'baseline' ? value - 0.0005 * repeat : 0.75 + 0.001 * repeat;
    // A run that a setting is chosen by is not evaluated on the test part.
    const confirming = kind === 'iteration' ? {} : { confirming: { metrics: { dice: onTest }, split: 'test' } };
    state = advance(state, { type: 'run.finished', key, metrics: { dice: value }, split: 'validation', ...confirming });
  }

  expect(outcome(state)?.outcome).toMatch(/exhausted|budgetSpent/);
  expect(outcome(state)?.reason).not.toContain('cannot be told');
});

test('counts no runs where a setting lies just at the margin', () => {
  // 0.805 of the fifteen baseline runs − 0.795 is the margin but for the last digit of a float.
  const dice = (its: Setting) => (its.initialLr === setting.initialLr ? 0.795 : 0.7);
  const state = study(dice, { workers: 8, baseline: { runs: 15, setting: named } });
  expect(outcome(state)?.outcome).toBe('exhausted');
  expect(outcome(state)?.reason).toMatch(/is within the margin 0\.010, but showing it would take more than 1000 runs/);
});
