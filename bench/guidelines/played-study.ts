import type { NonInferiorityRuleConfig } from '../../src/domain/decision-rule.ts';
import type { Setting } from '../../src/domain/setting.ts';
import type { StudyOutcome } from '../../src/domain/study.ts';
import type { Table, Uniform } from './table.ts';

/** What is the same for every policy. */
export interface StudyTerms {
  /** Runs of one worker. */
  baselineRuns: number;
  /** Maximum number of validating runs of a setting. */
  maxRuns: number;
  /** Total number of settings trained and settings validated. */
  iterations: number;
}

/** How a study that a policy played against a table ended. */
export interface PlayedStudy {
  outcome: StudyOutcome;
  /** The confirmed one; null if none was. */
  setting: Setting | null;
  /** Declared without loss, but not so by the table's true mean. */
  wrong: boolean;
  /** Worker-hours of the whole study, baseline included, in units of one single-worker run. */
  cost: number;
  runs: number;
  /** k · E₁/E of the confirmed setting; null if none was confirmed. */
  speedUp: number | null;
}

/** Plays one study; everything random comes from `uniform`. */
export type Policy = (table: Table, terms: StudyTerms, uniform: Uniform) => PlayedStudy | Promise<PlayedStudy>;

export function ruleOf({ task }: Table, { maxRuns }: StudyTerms): NonInferiorityRuleConfig {
  return { rule: 'nonInferiority', metrics: [task.metric], margin: task.margin, alpha: 0.05, maxRuns };
}

/** Adds up what a study trains: a run's worker-hours grow with its epochs, however many workers share them. */
export function ledger({ task }: Table) {
  let cost = 0;
  let runs = 0;
  return {
    /** A run of a setting, or the `part` of it that was trained. */
    add(setting: Setting, part = 1) {
      cost += (part * (setting.epochs ?? task.epochs)) / task.epochs;
      runs++;
    },
    totals: () => ({ cost, runs }),
  };
}

export function ended(
  table: Table,
  { outcome, setting }: { outcome: StudyOutcome; setting: Setting | null },
  totals: { cost: number; runs: number },
): PlayedStudy {
  const { task, workers } = table;
  return {
    outcome,
    setting,
    wrong: setting !== null && !table.isNoLoss(setting),
    speedUp: setting && (workers * task.epochs) / (setting.epochs ?? task.epochs),
    ...totals,
  };
}
