import { guidelineHash, resolveGuideline } from '../../../machines/guideline/index.ts';
import { type PhaseSpan, phases } from '../../../schedules/phases.ts';
import { isBaselineGiven } from '../../config/given-baseline.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { Guideline } from '../../domain/guideline.ts';
import { count } from '../../domain/text/format.ts';
import { workerHoursWord } from '../worker-hours.ts';
import { type ComponentTree, componentTree } from './component-tree.ts';
import { type ConfigValue, configOrigins } from './config-origins.ts';
import type { EpochSeconds } from './study-price.ts';

/** A number of runs or worker-epochs, from the best case to the worst. */
export interface Range {
  least: number;
  /** Half of the budget's iterations, plus one setting validated with all its runs. */
  likely: number;
  most: number;
}

/** What a study takes when its runs are trained one after the other. */
export interface Price {
  hours: { likely: number; most: number };
  /** Workers × hours. */
  workerHours: { likely: number; most: number };
  /** `GPU-hours` where each worker has a GPU of its own. */
  word: string;
  /** Where the seconds of an epoch come from. */
  source: string;
}

/** A study as composed, before anything is started. */
export interface ComposedStudy {
  study: string;
  question: string;
  setting: ResolvedStudyConfig['setting'];
  /** GreScale's phases in epochs for the starting setting, and its rates. */
  schedule: { phases: PhaseSpan[]; initialLr: number; peakLr: number; finalLr: number };
  guideline: Guideline & { hash: string };
  goal: ResolvedStudyConfig['goal'];
  /** Whether the guideline tunes at once (more workers than its threshold) or trains the defaults first. */
  startsWith: 'applyDefaults' | 'tuning';
  decision: ResolvedStudyConfig['decision'];
  budget: ResolvedStudyConfig['budget'];
  expected: {
    baselineRuns: number;
    /** Baseline results that the project already has and does not train again. */
    storedBaselineRuns: number;
    distributedRuns: Range;
    /** Sum over runs of workers × epochs. */
    workerEpochs: Range;
    /** Null while the duration of an epoch is unknown. */
    price: Price | null;
  };
  /** The composed program. */
  program: ComponentTree;
  /** Every value in force with its origin. */
  values: ConfigValue[];
}

/** `given` is the config file's content, before defaults; `seconds` are those of an epoch, where known. */
export function composeStudy(
  config: ResolvedStudyConfig,
  given: unknown,
  { seconds = null, storedBaseline = 0 }: { seconds?: EpochSeconds | null; storedBaseline?: number } = {},
): ComposedStudy {
  const { name, workers, epochs, setting, decision, budget } = config;
  const guideline = resolveGuideline(config.guideline);
  const expected = expectedRuns(config, guideline, storedBaseline);
  const peakLr = workers * setting.initialLr;
  return {
    study: name,
    question: `Can it be trained on ${count(workers, 'worker')} with no accuracy loss against one, and with which setting?`,
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
    expected: { ...expected, price: seconds && priceOf(config, expected, seconds) },
    program: componentTree(config, given),
    values: configOrigins(config, given),
  };
}

type Expected = Omit<ComposedStudy['expected'], 'price'>;

function expectedRuns(config: ResolvedStudyConfig, guideline: Guideline, storedBaseline: number): Expected {
  const { workers, epochs, baseline } = config;
  const wanted = isBaselineGiven(config) ? 0 : baseline.seeds;
  const storedBaselineRuns = Math.min(wanted, storedBaseline);
  const baselineRuns = wanted - storedBaselineRuns;
  const distributedRuns = expectedDistributedRuns(config);
  const growth = guideline.comparing?.baselineGrowth ?? 1;
  return {
    baselineRuns,
    storedBaselineRuns,
    distributedRuns,
    workerEpochs: {
      least: epochs * (baselineRuns + workers * distributedRuns.least),
      likely: epochs * (baselineRuns + workers * distributedRuns.likely),
      most: epochs * (baselineRuns * growth + workers * distributedRuns.most * longest(guideline)),
    },
  };
}

function priceOf(config: ResolvedStudyConfig, expected: Expected, { one, all, source }: EpochSeconds): Price {
  const { workers, epochs, budget } = config;
  const ofWorkers = ({ baselineRuns }: Expected, workerEpochs: number, growth: number) => {
    const alone = epochs * baselineRuns * growth;
    const together = (workerEpochs - alone) / workers;
    return {
      hours: (alone * one + together * all) / 3600,
      workerHours: (alone * one + together * all * workers) / 3600,
    };
  };
  const { comparing } = resolveGuideline(config.guideline);
  const likely = ofWorkers(expected, expected.workerEpochs.likely, 1);
  const most = ofWorkers(expected, expected.workerEpochs.most, comparing?.baselineGrowth ?? 1);
  const within = (value: number, limit: number | undefined) => Math.min(value, limit ?? value);
  const limited = (price: typeof most) => ({
    hours: within(price.hours, budget.hours),
    workerHours: within(price.workerHours, budget.workerHours),
  });
  const [a, b] = [limited(likely), limited(most)];
  return {
    hours: { likely: a.hours, most: b.hours },
    workerHours: { likely: a.workerHours, most: b.workerHours },
    word: workerHoursWord(config),
    source,
  };
}

/** The longest training that a guideline may reach, in multiples of the study's epochs. */
function longest({ actions }: Guideline): number {
  return Math.max(1, ...actions.flatMap((action) => (action.action === 'extendTraining' ? action.maximum : [])));
}

/**
 * Settings that a study tries before it validates one to the end, if its budget is large: on the benchmark's tasks, a
 * study by `anytime` trains 12 to 44 distributed runs, 28 on average (docs/guideline-benchmark.md).
 */
const settingsTried = 12;

/** At best the first iteration is good enough and is validated once; at worst the budget is used up. */
export function expectedDistributedRuns(config: Pick<ResolvedStudyConfig, 'decision' | 'budget' | 'guideline'>): Range {
  const { decision, budget } = config;
  const { comparing } = resolveGuideline(config.guideline);
  const repeats = decision.rule === 'nonInferiority' ? decision.maxRuns : 1;
  // An iteration is validated once, or as often as the guideline says; only a validation takes `repeats` runs.
  const often = comparing?.validations ?? 1;
  const validations = Math.floor((budget.iterations * often) / (often + 1));
  const least = Math.min(2, budget.iterations);
  const most = (budget.iterations - validations) * (comparing?.runs ?? 1) + validations * repeats;
  const likely = Math.min(Math.ceil(budget.iterations / 2), settingsTried) + repeats;
  return { least, likely: Math.max(least, Math.min(most, likely)), most };
}
