import { defaultBaselineRuns, type RunMetrics, ruleFrom } from '../machines/decision/index.ts';
import type { DecisionRuleConfig } from '../src/domain/decision-rule.ts';
import { type Noise, uniformFrom } from './decision-rules-noise.ts';

export interface SimulatedStudy {
  rule: DecisionRuleConfig;
  noise: Noise;
  /** True mean of every distributed setting minus the baseline's (fraction ≤ 0). */
  trueLoss: number;
  /** Settings tried one after the other. */
  candidates: number;
  seed: number;
}

/** Plays a study with the rules alone: screen each setting, validate those that pass. */
export function runsOf({ rule: config, noise, trueLoss, candidates, seed }: SimulatedStudy): {
  accepted: boolean;
  runs: number;
} {
  const rule = ruleFrom(config);
  const uniform = uniformFrom(seed);
  const draw = (mean: number) => ({ dice: mean + noise.draw(uniform) });
  const baseline = Array.from({ length: defaultBaselineRuns(config) }, () => draw(0.85));
  let candidate = 0;
  let runs = 0;
  for (let setting = 0; setting < candidates; setting++) {
    runs++;
    if (rule.screen(draw(0.85 + trueLoss), { baseline, candidate: candidate + 1 }).verdict === 'missed') continue;
    candidate++;
    const validation: RunMetrics[] = [];
    for (let verdict = 'undecided'; verdict === 'undecided'; ) {
      validation.push(draw(0.85 + trueLoss));
      runs++;
      verdict = rule.validate(validation, { baseline, candidate }).verdict;
      if (verdict === 'confirmed') return { accepted: true, runs };
    }
  }
  return { accepted: false, runs };
}

/** Which error an acceptance or a rejection is, for a true loss. */
export function wronglyJudged(trueLoss: number, margin: number): 'falseAcceptance' | 'falseRejection' | null {
  if (trueLoss <= -margin) return 'falseAcceptance';
  return trueLoss === 0 ? 'falseRejection' : null;
}
