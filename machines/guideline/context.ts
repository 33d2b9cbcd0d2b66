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

/** What the baseline trained as long as the confirmed setting showed. */
export interface ExtendedBaseline {
  /** Null when a run of it broke down, so that nothing can be said. */
  withoutLoss: boolean | null;
  observed: Decision['observed'];
}

/** What the machine remembers. Plain JSON: a snapshot survives a file. */
export interface GuidelineContext {
  input: GuidelineInput;
  /** Baseline results with run keys, ordered by repeat: the last digit of a sum depends on the order of its terms. */
  baseline: ({ key: string } & RunEvaluation)[];
  /** A baseline given as mean, spread and number of runs; its means are in `baseline` too. */
  baselineSummary?: MetricsSummary | null | undefined;
  /** The baseline was given and cannot be trained further. */
  baselineGiven?: true | undefined;
  /** Number of baseline runs wanted by now; left out: the input's. */
  baselineRuns?: number | undefined;
  /** The setting confirmed last; left out before there is one. */
  confirmed?: Confirmed | null | undefined;
  /** The extended baseline's result; left out until that is settled. */
  extended?: ExtendedBaseline | null | undefined;
  iterations: Iteration[];
  decisions: Decision[];
  /** The tuning in progress; null until the first action. */
  tuning: Tuning | null;
  /** The step that the last decision chose. */
  next: NextStep | null;
  ending: { outcome: StudyOutcome; reason: string } | null;
}
