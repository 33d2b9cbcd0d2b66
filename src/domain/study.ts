import type { IterationAction } from './guideline.ts';
import type { Measurement } from './measured.ts';
import type { MetricDefinitions } from './metric/definition.ts';
import type { Metrics, MetricsSummary, PartResult } from './metric/metrics.ts';
import type { Setting } from './setting.ts';

/** How a study ended. */
export const studyOutcomes = ['noLoss', 'exhausted', 'complete', 'budgetSpent', 'cancelled', 'failed'] as const;
export type StudyOutcome = (typeof studyOutcomes)[number];

export const runKinds = ['baseline', 'iteration', 'validation'] as const;
export type RunKind = (typeof runKinds)[number];

/** A run that the guideline requests. `key` names it within its study permanently: asking twice gives the same key. */
export interface RunRequest {
  /** `baseline-1`, `iteration-3`, `validation-4-2` (iteration 4, second repeat), `extended-baseline-1`. */
  key: string;
  kind: RunKind;
  /** The iteration it belongs to; null for the baseline and for a run that is trained ahead of its turn (`ahead-iteration-4-1f0c2a77`). A run of one worker may belong to the iteration `extendBaseline`. */
  iteration: number | null;
  /** 1-based number of the repeat, each with a new seed. */
  repeat: number;
  workers: number;
  setting: Setting;
}

/** Whether a run was trained ahead of its turn. It belongs to no iteration; the run that takes its result does. */
export function isAhead({ kind, iteration }: Pick<RunRequest, 'kind' | 'iteration'>): boolean {
  return kind !== 'baseline' && iteration === null;
}

/** What the curves of a run can show. */
export const curveSignNames = ['lossJumped', 'lossStood', 'lossStillFell', 'overfitted', 'beyondNoiseScale'] as const;
export type CurveSignName = (typeof curveSignNames)[number];

export interface CurveSign {
  sign: CurveSignName;
  /** A clause with the numbers that were read: "the loss jumped in warmup, from 0.2 to 0.5 in epoch 3". */
  text: string;
}

/**
 * A run's numbers on the part of the data that settings are chosen on and, if there is a separate one, on the
 * confirming part.
 */
export interface RunEvaluation extends PartResult {
  confirming?: PartResult | undefined;
  /** Measurements that its trainer did not report; left out if it reported all, or if the run was not trained here. */
  unmeasured?: Measurement[] | undefined;
  /** The epoch after which its trainer stopped by itself; left out if it trained them all. */
  stoppedAfter?: number | undefined;
  /** What its curves show; left out if that is nothing of note, or if it was not stored. */
  curves?: CurveSign[] | undefined;
}

/** A run's result. A diverged run counts as degraded; a failed one says nothing about the setting. */
export type RunResult = (
  | ({ state: 'finished' } & RunEvaluation)
  | { state: 'diverged'; reason: string; metrics: Metrics | null }
  | { state: 'failed'; reason: string }
) & {
  /** 1-based number among repeats that ran side by side; left out if runs follow one another. */
  repeat?: number | undefined;
};

/** Events the guideline machine understands; the engine appends each to the event log before it acts on it. */
export type GuidelineEvent =
  | ({ type: 'run.finished'; key: string } & RunEvaluation)
  | { type: 'run.diverged'; key: string; reason: string; metrics: Metrics | null }
  | { type: 'run.failed'; key: string; reason: string }
  /** A baseline that is already known: run by run, or as mean, spread and number of runs. */
  | { type: 'baseline.given'; runs: Metrics[]; summary?: undefined }
  | { type: 'baseline.given'; summary: MetricsSummary }
  /** The trainer's capabilities; optimizers that it lacks are skipped from here on. */
  | { type: 'capabilities.known'; optimizers: string[] }
  /** What the decision metrics mean, before the first number is used and again when the trainer declares one. */
  | { type: 'metrics.known'; metrics: MetricDefinitions }
  | { type: 'budget.spent'; reason: string }
  | { type: 'study.cancelled'; reason: string };

export type Verdict =
  /** The baseline is complete; the first iteration follows. */
  | 'baseline'
  /** Close enough to the baseline: validate. */
  | 'reached'
  /** A validating run has ended; more are needed. */
  | 'undecided'
  /** Validated: no accuracy loss. */
  | 'confirmed'
  /** Validation did not confirm it. */
  | 'notConfirmed'
  /** The confirmed setting is also without loss against one worker that trains as many epochs. */
  | 'confirmedExtended'
  /** That was not shown; the confirmation against one worker's own epochs stands. */
  | 'notConfirmedExtended'
  | 'improved'
  /** Too close to call. */
  | 'cannotTell'
  | 'degraded'
  | 'diverged'
  /** The study ends without a judgement of this run (cancelled, failed, budget). */
  | 'ended';

/** One decision of the guideline, with everything needed to explain it years later. */
export interface Decision {
  /** 1-based within the study. */
  sequence: number;
  /** The iteration whose result was judged; null for the baseline and for a cancelled study. */
  iteration: number | null;
  verdict: Verdict;
  /** Id of the rule that fired, such as `thesis.improved` or `nonInferiority.accept`. */
  rule: string;
  /** The numbers the rule looked at, named: `{ dice: 0.684, previousDice: 0.779, baselineDice: 0.813, … }`. */
  observed: Record<string, number | string | null>;
  /** What follows: the next iteration's action, or the outcome. */
  next: { action: IterationAction } | { outcome: StudyOutcome };
  /** Old and new setting where the decision changes it. */
  settingBefore: Setting | null;
  settingAfter: Setting | null;
  guidelineHash: string;
  /** One sentence a person understands. */
  reason: string;
}

/** One row of a thesis table. */
export interface Iteration {
  /** 0-based, the thesis's numbering: 0 is "apply default parameters". */
  number: number;
  action: IterationAction;
  /** The iteration whose setting this one started from; null for iteration 0. */
  parent: number | null;
  setting: Setting;
  /** Results of its runs, in order of their repeats; empty for an iteration 0 that is not trained (k > threshold). */
  results: RunResult[];
}
