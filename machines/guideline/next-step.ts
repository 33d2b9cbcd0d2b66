import type { ActionName } from '../../src/domain/guideline.ts';
import type { Setting } from '../../src/domain/setting.ts';
import type { Iteration, StudyOutcome } from '../../src/domain/study.ts';

/** What follows a decision. */
export type NextStep =
  | { type: 'defaults' }
  | { type: 'tune'; action: ActionName; setting: Setting; parent: number; tuning: Tuning; skipped: string[] }
  | {
      type: 'validate' /** The iteration to be validated; left out: the last */;
      parent?: number | undefined /** Runs of one worker that it takes; left out: those there are. */;
      baselineRuns?: number | undefined;
    }
  | {
      type: 'compare' /** Iterations that are repeated with new seeds, and how many runs they then have. */;
      repeats: { iteration: number; runs: number }[];
    }
  | { type: 'repeatValidation' }
  | {
      type: 'extendBaseline' /** Why the study would end here; left out where it goes on with validating runs. */;
      reason?: string | undefined;
    }
  /** `unverified`: the reason says what nobody measured. */
  | { type: 'end'; outcome: StudyOutcome; reason: string; unverified?: true };

/** The iteration that a step starts from. */
export type Start = Pick<Iteration, 'number' | 'setting'>;

/** Where in the guideline's list of actions the study is. */
export interface Tuning {
  /** Index into `guideline.actions`; only ever grows, so no action is revisited. */
  position: number;
  /** Initial rate when this action was first taken: factors of optimizer changes refer to it. */
  startInitialLr: number;
  /** How many entries of `optimizers` are used up. */
  optimizersTried: number;
  /** How often the actions were gone through before; left out: never. */
  round?: number | undefined;
  /** Which list the position is of; left out: `actions`. */
  list?: 'actions' | 'forSpeed' | undefined;
  /** The search for a rate that is going on. */
  line?: Line | undefined;
}

/** A search for a rate, both ways. */
export interface Line {
  /** Iteration whose rate the first step was from. */
  from: number;
  direction: 'down' | 'up';
  /** Has a step of it helped? */
  moved: boolean;
  turned: boolean;
  /** Runs that are left of it; left out: as many as help. */
  left?: number | undefined;
}
