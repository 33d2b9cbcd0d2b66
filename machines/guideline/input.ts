import type { DecisionRuleConfig } from '../../src/domain/decision-rule.ts';
import { AutopilotError } from '../../src/domain/errors.ts';
import type { ExtendBaseline, Goal, Guideline } from '../../src/domain/guideline.ts';
import { type Setting, withEpochs } from '../../src/domain/setting.ts';
import { ruleFrom } from '../decision/index.ts';

/** Everything the flowchart needs to know about a study. Plain JSON. */
export interface GuidelineInput {
  guideline: Guideline;
  /** Stored with every decision. */
  guidelineHash: string;
  rule: DecisionRuleConfig;
  /** k ≥ 1. */
  workers: number;
  /** E: epochs of a single-worker run, and of any run whose setting does not say otherwise. */
  epochs: number;
  /** Number and setting of the single-worker runs; `extend` left out: `never`. */
  baseline: { runs: number; setting: Setting; extend?: ExtendBaseline | undefined };
  /** The defaults: what iteration 0 applies. */
  setting: Setting;
  /** Trained iterations, validations included; a validation counts once, however many runs it takes. */
  budget: { iterations: number };
  /** Left out: `answer`. */
  goal?: Goal | undefined;
  /** What the trainer can do, if already known. */
  capabilities?: { optimizers?: string[] };
}

/** Throws on input that makes no sense whatever the results. */
export function checkGuidelineInput(input: GuidelineInput): void {
  const { guideline, baseline, setting, budget, workers } = input;
  const rule = ruleFrom(input.rule);
  if (!(workers >= 1)) refuse(`workers must be at least 1, got ${workers}.`);
  if (!(budget.iterations >= 1)) refuse(`budget.iterations must be at least 1, got ${budget.iterations}.`);
  if (guideline.actions.length === 0) refuse(`guideline "${guideline.name}" has no actions; name at least one.`);
  if (!(baseline.runs >= rule.minimumBaselineRuns)) {
    refuse(
      `decision rule "${rule.name}" needs at least ${rule.minimumBaselineRuns} baseline runs, got ${baseline.runs}. ` +
        'Raise baseline.seeds, or use the rule "thesis".',
    );
  }
  for (const each of [setting, baseline.setting]) {
    const { warmupEpochs, decayEpochs, epochs } = withEpochs(each, input.epochs);
    if (warmupEpochs + decayEpochs > epochs) {
      refuse(
        `warmupEpochs ${warmupEpochs} + decayEpochs ${decayEpochs} exceed the ${epochs} epochs of a run. ` +
          'Shorten one of them, or raise epochs.',
      );
    }
  }
}

function refuse(message: string): never {
  throw new AutopilotError('guideline.input', message);
}
