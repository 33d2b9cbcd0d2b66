import { describe, expect, it } from 'vitest';
import { eachClass } from '../../../machines/decision/index.ts';
import type { NonInferiorityRuleConfig } from '../../../src/domain/decision-rule.ts';
import { defineMetric } from '../../../src/domain/metric/definition.ts';
import type { ClassMetrics } from '../../../src/domain/metric/metrics.ts';

function ruleOn(primary: string, margin: number): NonInferiorityRuleConfig {
  const definitions = { [primary]: defineMetric(primary)! };
  return { rule: 'nonInferiority', metrics: [primary], classes: 'each', margin, alpha: 0.05, maxRuns: 8, definitions };
}

function compare(primary: string, margin: number, baseline: ClassMetrics[], runs: ClassMetrics[]) {
  const rule = ruleOn(primary, margin);
  return eachClass({ runs, baseline, primary, margin, rule });
}

const spread = [-0.01, 0, 0.01, 0.005];
const classesOf = (metric: string, liver: number, tumour: number): ClassMetrics[] =>
  spread.map((off) => ({ liver: { dice: 0.9, [metric]: liver + off }, tumour: { dice: 0.8, [metric]: tumour - off } }));

describe('no loss of each class', () => {
  it('is judged in millimetres where a distance decides, and more of it is a loss', () => {
    const baseline = classesOf('hd95', 4, 9);
    const better = compare('hd95', 0.5, baseline, classesOf('hd95', 3.9, 8.9));
    expect(better).toMatchObject({ shown: true });
    expect(better.saw).toBe('every class within the margin: "liver" −0.100 mm, "tumour" −0.100 mm');
    const worse = compare('hd95', 0.5, baseline, classesOf('hd95', 4, 12));
    expect(worse).toMatchObject({ shown: false });
    expect(worse.saw).toBe('not shown for the class "tumour" +3.000 mm (margin +0.500 mm, corrected for 2 classes)');
  });

  it('is judged in points where a share of 1 decides', () => {
    const baseline = classesOf('dice', 0.9, 0.7);
    expect(compare('dice', 0.1, baseline, classesOf('dice', 0.9, 0.7))).toMatchObject({ shown: true });
    expect(compare('dice', 0.1, baseline, classesOf('dice', 0.9, 0.5)).saw).toContain(
      'not shown for the class "tumour"',
    );
  });

  it('is held to the rare bad runs that a class had in validations of other settings', () => {
    const margin = 0.06;
    const rule = ruleOn('dice', margin);
    const baseline = spread.map((off) => ({ tumour: { dice: 0.7 - off } }));
    const judged = (other: ClassMetrics[]) =>
      eachClass({ runs: baseline, baseline, primary: 'dice', margin, rule, others: [other] });
    expect(judged(baseline)).toMatchObject({ shown: true });
    expect(judged([...baseline.slice(1), { tumour: { dice: 0.1 } }]).saw).toMatch(
      /^not shown for the class "tumour" [−+]0\.0\d+ \(0\.0\d+ worse with the rare bad runs of other settings\) \(margin/,
    );
  });

  it('says that a class validated again counts as spreading wider, as all validated settings do', () => {
    const margin = 0.06;
    const rule = ruleOn('dice', margin);
    const [close, wide] = [0.1, 3].map((times) => spread.map((off) => ({ tumour: { dice: 0.7 + times * off } })));
    const judged = (earlierRuns: number) =>
      eachClass({ runs: close!, baseline: wide!, primary: 'dice', margin, rule, others: [wide!], earlierRuns }).saw;
    expect(judged(0)).not.toContain('spread');
    expect(judged(2)).toMatch(
      /"tumour" −0\.0\d+ \(.*; with a spread of 0\.0\d+, between its own 0\.0\d+ and the 0\.0\d+ of all validated settings\) \(margin −0\.060\)$/,
    );
  });

  it('is not shown by what the trainer does not report of its classes', () => {
    const dice = spread.map((off) => ({ liver: { dice: 0.9 + off } }));
    expect(compare('hd95', 0.5, dice, dice)).toEqual({
      shown: false,
      observed: {},
      saw: 'not shown for any class: the baseline reports no hd95 of a class',
    });
    const half = dice.map((run, index) => (index === 0 ? {} : run));
    expect(compare('dice', 0.05, dice, half)).toMatchObject({ shown: false });
  });
});
