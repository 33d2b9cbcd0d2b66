import { alphaSpentBy, defaultBaselineRuns, ruleFrom, tailLoss } from '../../machines/decision/index.ts';
import type { DecisionRuleConfig } from '../../src/domain/decision-rule.ts';
import { type Noise, uniformFrom } from './noise.ts';

export interface SimulatedStudy {
  rule: DecisionRuleConfig;
  /** Of the distributed runs. */
  noise: Noise;
  /** Of the baseline's runs; left out: the same. */
  baselineNoise?: Noise;
  /** Left out: the rule's default. */
  baselineRuns?: number;
  /** True mean of every distributed setting minus the baseline's (fraction ≤ 0). */
  trueLoss: number;
  /** Settings tried one after the other. */
  candidates: number;
  seed: number;
}

/** Plays a study with the rules alone: screen each setting, validate those that pass. */
export function runsOf(study: SimulatedStudy): { accepted: boolean; runs: number } {
  const { rule: config, noise, trueLoss, candidates, seed } = study;
  const { baselineNoise = noise, baselineRuns = defaultBaselineRuns(config) } = study;
  const rule = ruleFrom(config);
  const uniform = uniformFrom(seed);
  const draw = (mean: number) => ({ dice: mean + noise.draw(uniform) });
  const baseline = Array.from({ length: baselineRuns }, () => ({ dice: 0.85 + baselineNoise.draw(uniform) }));
  let candidate = 0;
  let unspent = 1;
  const validated: number[][] = [];
  let runs = 0;
  for (let setting = 0; setting < candidates; setting++) {
    runs++;
    if (rule.screen(draw(0.85 + trueLoss), { baseline, candidate: candidate + 1, unspent }).verdict === 'missed')
      continue;
    candidate++;
    const validation: number[] = [];
    let judged: ReturnType<typeof rule.validate>;
    do {
      validation.push(draw(0.85 + trueLoss).dice);
      runs++;
      judged = rule.validate(
        validation.map((dice) => ({ dice })),
        { baseline, candidate, unspent, tailLoss: tailLoss(validation, validated) },
      );
      if (judged.verdict === 'confirmed') return { accepted: true, runs };
    } while (judged.verdict === 'undecided');
    validated.push(validation);
    if (config.rule === 'nonInferiority') unspent -= alphaSpentBy(judged) / config.alpha;
  }
  return { accepted: false, runs };
}

/** The error that the rule can make on settings of this true loss; null where either verdict is right. */
export function wronglyJudged(trueLoss: number, margin: number): 'falseAcceptance' | 'falseRejection' | null {
  if (trueLoss <= -margin) return 'falseAcceptance';
  return trueLoss === 0 ? 'falseRejection' : null;
}
