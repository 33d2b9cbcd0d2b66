import { guidelineHash, resolveGuideline } from '../../machines/guideline/index.ts';
import { type PhaseSpan, phases } from '../../schedules/phases.ts';
import type { ResolvedStudyConfig } from '../config/resolve.ts';
import type { Guideline } from '../domain/guideline.ts';
import { type ComponentTree, componentTree } from './component-tree.ts';
import { type ConfigValue, configOrigins } from './config-origins.ts';

/** A number of runs or of worker-epochs, from the luckiest course to the longest. */
export interface Range {
  least: number;
  most: number;
}

/** A study as it is composed, before anything is started. */
export interface ComposedStudy {
  study: string;
  question: string;
  setting: ResolvedStudyConfig['setting'];
  /** GreScale's phases in epochs for the starting setting, and its rates. */
  schedule: { phases: PhaseSpan[]; initialLr: number; peakLr: number; finalLr: number };
  guideline: Guideline & { hash: string };
  goal: ResolvedStudyConfig['goal'];
  /** Does the guideline tune at once (workers above its threshold), or train the defaults first? */
  startsWith: 'applyDefaults' | 'tuning';
  decision: ResolvedStudyConfig['decision'];
  budget: ResolvedStudyConfig['budget'];
  expected: {
    baselineRuns: number;
    distributedRuns: Range;
    /** Sum over runs of workers × epochs. */
    workerEpochs: Range;
  };
  /** The composed program. */
  program: ComponentTree;
  /** Every value in force with its origin. */
  values: ConfigValue[];
}

/** `given` is the config file's content, before defaults. */
export function composeStudy(config: ResolvedStudyConfig, given: unknown): ComposedStudy {
  const { name, workers, epochs, setting, decision, budget, baseline } = config;
  const guideline = resolveGuideline(config.guideline);
  const baselineRuns = baseline.runs === undefined ? baseline.seeds : 0;
  const distributedRuns = distributed(config, guideline);
  const peakLr = workers * setting.initialLr;
  return {
    study: name,
    question: `Can it be trained on ${workers} workers with no accuracy loss against one, and with which setting?`,
    setting,
    schedule: {
      phases: phases({ policy: 'greScale', workers, epochs, ...setting }),
      initialLr: setting.initialLr,
      peakLr,
      finalLr: setting.decayEpochs > 0 ? peakLr * Math.exp(-setting.decayCoefficient) : peakLr,
    },
    guideline: { ...guideline, hash: guidelineHash(guideline) },
    goal: config.goal,
    startsWith: workers > guideline.threshold ? 'tuning' : 'applyDefaults',
    decision,
    budget,
    expected: {
      baselineRuns,
      distributedRuns,
      workerEpochs: {
        least: epochs * (baselineRuns + workers * distributedRuns.least),
        most:
          epochs *
          (baselineRuns * (guideline.comparing?.baselineGrowth ?? 1) +
            workers * distributedRuns.most * longest(guideline)),
      },
    },
    program: componentTree(config, given),
    values: configOrigins(config, given),
  };
}

/** The longest training a guideline may come to, in multiples of the study's epochs. */
function longest({ actions }: Guideline): number {
  return Math.max(1, ...actions.flatMap((action) => (action.action === 'extendTraining' ? action.maximum : [])));
}

/** At best the first iteration is good enough and is validated once; at worst the budget is used up. */
function distributed({ decision, budget }: ResolvedStudyConfig, { comparing }: Guideline): Range {
  const repeats = decision.rule === 'nonInferiority' ? decision.maxRuns : 1;
  // An iteration is validated once, or as often as the guideline says, and only validations have so many repeats.
  const often = comparing?.validations ?? 1;
  const validations = Math.floor((budget.iterations * often) / (often + 1));
  return {
    least: Math.min(2, budget.iterations),
    most: (budget.iterations - validations) * (comparing?.runs ?? 1) + validations * repeats,
  };
}
