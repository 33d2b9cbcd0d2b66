import type { ActionName } from '../../src/domain/guideline.ts';
import type { Setting } from '../../src/domain/setting.ts';
import type { Iteration, StudyOutcome } from '../../src/domain/study.ts';

/** What follows a decision. */
export type NextStep =
  | { type: 'defaults' }
  | { type: 'tune'; action: ActionName; setting: Setting; parent: number; tuning: Tuning; skipped: string[] }
  | Validation
  | {
      type: 'compare' /** Iterations to repeat with new seeds, and how many runs each then has. */;
      repeats: { iteration: number; runs: number }[];
    }
  | { type: 'repeatValidation' }
  | {
      type: 'extendBaseline' /** Why the study would end here; left out when it continues with validating runs. */;
      reason?: string | undefined;
    }
  /** `unverified`: the reason says what is unverified. */
  | { type: 'end'; outcome: StudyOutcome; reason: string; unverified?: true };

export interface Validation {
  type: 'validate';
  /** The iteration to validate; left out: the last. */
  parent?: number | undefined;
  /** Baseline runs it needs; left out: the current number. */
  baselineRuns?: number | undefined;
  /** Its chance to confirm the setting, if it is made because nothing is left to tune; left out otherwise. */
  chance?: number | undefined;
}

/** The iteration that a step starts from. */
export type Start = Pick<Iteration, 'number' | 'setting'>;

/** The study's position in the guideline's list of actions. */
export interface Tuning {
  /** Index into the guideline's `list`; only grows within a round, so no action is revisited in it. */
  position: number;
  /** Initial rate when this action was first taken: factors of optimizer changes refer to it. */
  startInitialLr: number;
  /** Number of entries of `optimizers` used up. */
  optimizersTried: number;
  /** Number of earlier rounds through the actions; left out: none. */
  round?: number | undefined;
  /** The list that `position` refers to; left out: `actions`. */
  list?: 'actions' | 'forSpeed' | undefined;
  /** The rate search in progress. */
  line?: Line | undefined;
}

/** A search for a rate, in both directions. */
export interface Line {
  /** Iteration whose rate the search starts from. */
  from: number;
  direction: 'down' | 'up';
  /** Whether one of its steps was shown to help. */
  moved: boolean;
  turned: boolean;
  /** Runs left in it; left out: as many as help. */
  left?: number | undefined;
}
