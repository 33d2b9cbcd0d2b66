import type { MetricsSummary } from '../../src/domain/metric/metrics.ts';
import type { Decision, Iteration, RunEvaluation, StudyOutcome } from '../../src/domain/study.ts';
import type { GuidelineInput } from './input.ts';
import type { NextStep, Tuning } from './next-step.ts';

/** A setting that was confirmed. */
export interface Confirmed {
  iteration: number;
  /** What the rule saw: the difference, and its bound. */
  observed: Decision['observed'];
}

/** The baseline that was trained as long as the confirmed setting, and what it makes of the answer. */
export interface ExtendedBaseline {
  /** Null: nothing can be said, for a run of it broke down. */
  withoutLoss: boolean | null;
  observed: Decision['observed'];
}

/** What the machine remembers. Plain JSON: a snapshot survives a file. */
export interface GuidelineContext {
  input: GuidelineInput;
  /** Results of the baseline by run key, in order of their repeats: a sum depends on the order of its terms in its last digit. */
  baseline: ({ key: string } & RunEvaluation)[];
  /** A baseline that was given as mean, spread and number; its means stand in `baseline` as well. */
  baselineSummary?: MetricsSummary | null | undefined;
  /** The baseline was given, and can not be trained further. */
  baselineGiven?: true | undefined;
  /** Baseline runs that are wanted by now; left out: those of the input. */
  baselineRuns?: number | undefined;
  /** The iteration that was confirmed last; left out before one was. */
  confirmed?: Confirmed | null | undefined;
  /** What the baseline that was trained as long as the confirmed setting says; left out before that is settled. */
  extended?: ExtendedBaseline | null | undefined;
  iterations: Iteration[];
  decisions: Decision[];
  /** The tuning in progress; null until the first action. */
  tuning: Tuning | null;
  /** What the last decision settled. */
  next: NextStep | null;
  ending: { outcome: StudyOutcome; reason: string } | null;
}
