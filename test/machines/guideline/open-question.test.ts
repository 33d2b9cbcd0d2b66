import { expect, test } from 'vitest';
import { advance, outcome, pendingRuns, resolveGuideline, start } from '../../../machines/guideline/index.ts';
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
