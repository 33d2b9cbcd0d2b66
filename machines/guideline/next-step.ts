import type { ActionName } from '../../src/domain/guideline.ts';
import type { Setting } from '../../src/domain/setting.ts';
import type { StudyOutcome } from '../../src/domain/study.ts';

/** What follows a decision. */
export type NextStep =
  | { step: 'defaults' }
  | { step: 'tune'; action: ActionName; setting: Setting; parent: number; tuning: Tuning; skipped: string[] }
  | { step: 'validate' }
  | { step: 'repeatValidation' }
  | { step: 'end'; outcome: StudyOutcome; reason: string };

/** Where in the guideline's list of actions the study is. */
export interface Tuning {
  /** Index into `guideline.actions`; only ever grows, so no action is revisited. */
  position: number;
  /** Initial rate when this action was first taken: factors of optimizer changes refer to it. */
  startInitialLr: number;
  /** How many entries of `optimizers` are used up. */
  optimizersTried: number;
}
