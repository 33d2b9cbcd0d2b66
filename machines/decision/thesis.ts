import type { ThesisRuleConfig } from '../../src/domain/decision-rule.ts';
import { digitsFor, number, signed } from './format.ts';
import { baselineMoments, directionOf, directionText, metricOf, unitOf } from './primary.ts';
import { baselineName } from './progress.ts';
import type { DecisionRule } from './rule.ts';

/**
 * The thesis's rule (§6.4): one run within `tolerance` of the baseline is trained once more with a new seed, and
 * confirmed when that run is at least as good as the baseline, without tolerance. Several baseline runs count as their
 * mean.
 */
export function thesisRule({ metrics, definitions, tolerance }: ThesisRuleConfig): DecisionRule {
  const primary = metrics[0]!;
  const sign = directionOf(primary, definitions);
  const unit = unitOf(primary, definitions);
  const lower = directionText(primary, definitions);
  const versus = (value: number, target: number): string => {
    const digits = digitsFor(value, target);
    return `${number(value, digits)}${unit} against the baseline's ${number(target, digits)} (${signed(value - target, digits)}${unit}${lower})`;
  };
  return {
    name: 'thesis',
    metrics,
    definitions,
    minimumBaselineRuns: 1,
    maximumValidationRuns: 1,
    screen(run, standing) {
      const value = metricOf(run, primary);
      const target = baselineMoments(standing, primary).mean;
      const observed = { [primary]: value, [baselineName(primary)]: target, tolerance };
      // 1e-12 keeps 0.8113 against 0.8133 − 0.002 from depending on the last bit.
      if (value !== null && sign * (value - target) >= -tolerance - 1e-12) {
        const saw = `${primary} ${versus(value, target)}: within ${tolerance}${unit} of it or better`;
        return { verdict: 'reached', rule: 'thesis.reached', observed, saw };
      }
      const saw = value === null ? `no usable ${primary}` : `${primary} ${versus(value, target)}: not reached`;
      return { verdict: 'missed', rule: 'thesis.missed', observed, saw };
    },
    validate(runs, standing) {
      const value = metricOf(runs[0], primary);
      const target = baselineMoments(standing, primary).mean;
      const observed = { [primary]: value, [baselineName(primary)]: target };
      if (value !== null && sign * (value - target) >= 0) {
        const saw = `validation's ${primary} ${versus(value, target)}: confirmed`;
        return { verdict: 'confirmed', rule: 'thesis.confirmed', observed, saw };
      }
      const what =
        value === null ? `validation gave no usable ${primary}` : `validation's ${primary} ${versus(value, target)}`;
      return { verdict: 'notConfirmed', rule: 'thesis.notConfirmed', observed, saw: `${what}: not confirmed` };
    },
  };
}
