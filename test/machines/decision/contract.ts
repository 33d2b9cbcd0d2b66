import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DecisionRule, RunMetrics } from '../../../machines/decision/index.ts';

/** What every decision rule owes the flowchart. */
export function decisionRuleContract(name: string, rule: DecisionRule): void {
  const dice = fc.integer({ min: 700, max: 900 }).map((thousandths) => ({ dice: thousandths / 1000 }));
  const run: fc.Arbitrary<RunMetrics> = fc.oneof(
    { weight: 8, arbitrary: dice },
    fc.constantFrom(null, {}, { dice: NaN }),
  );
  const baseline = fc.array(dice, { minLength: rule.minimumBaselineRuns, maxLength: 6 });
  const candidate = fc.integer({ min: 1, max: 10 });

  describe(name, () => {
    test('settles a validation within its maximum of runs', () => {
      fc.assert(
        fc.property(fc.array(run, { minLength: 10, maxLength: 10 }), baseline, candidate, (runs, base, number) => {
          const verdicts = Array.from(
            { length: rule.maximumValidationRuns },
            (_, i) => rule.validate(runs.slice(0, i + 1), { baseline: base, candidate: number }).verdict,
          );
          expect(verdicts.some((verdict) => verdict !== 'undecided')).toBe(true);
        }),
      );
    });

    test('never accepts a run without a usable result', () => {
      fc.assert(
        fc.property(fc.constantFrom(null, {}, { dice: NaN }), baseline, candidate, (bad, base, number) => {
          const standing = { baseline: base, candidate: number };
          expect(rule.screen(bad, standing).verdict).toBe('missed');
          expect(rule.validate([bad], standing).verdict).toBe('notConfirmed');
        }),
      );
    });

    test('a better run is never judged worse', () => {
      fc.assert(
        fc.property(dice, fc.integer({ min: 0, max: 90 }), baseline, (worse, more, base) => {
          const better = { dice: worse.dice + more / 1000 };
          const standing = { baseline: base, candidate: 1 };
          if (rule.screen(worse, standing).verdict === 'reached') {
            expect(rule.screen(better, standing).verdict).toBe('reached');
          }
        }),
      );
    });

    test('observes only what JSON can hold', () => {
      fc.assert(
        fc.property(fc.array(run, { minLength: 1, maxLength: 1 }), baseline, (runs, base) => {
          const standing = { baseline: base, candidate: 1 };
          for (const { observed } of [rule.screen(runs[0]!, standing), rule.validate(runs, standing)]) {
            expect(JSON.parse(JSON.stringify(observed))).toEqual(observed);
          }
        }),
      );
    });
  });
}
