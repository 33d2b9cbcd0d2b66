import {
  advance,
  decisions,
  type GuidelineInput,
  type GuidelineState,
  guidelineHash,
  iterations,
  outcome,
  pendingRuns,
  start,
} from '../../../machines/guideline/index.ts';
import type { Guideline, GuidelineAction, IterationAction } from '../../domain/guideline.ts';
import type { Metrics } from '../../domain/metric/metrics.ts';
import type { Setting } from '../../domain/setting.ts';
import type { StudyOutcome } from '../../domain/study.ts';
import type { ReplayTable } from './table.ts';

export interface ReplayOptions {
  table: ReplayTable;
  guideline: Guideline;
  /** Of the thesis rule, as a fraction. */
  tolerance: number;
}

export interface ReplayRow {
  /** Row of the table, from 0. */
  iteration: number;
  table: IterationAction;
  /** What the machine did there; null where it had ended already. */
  machine: IterationAction | null;
  agrees: boolean;
  metrics: Metrics | null;
  /** Why the machine came to this row. */
  reason: string;
}

export interface Replay {
  agrees: boolean;
  rows: ReplayRow[];
  /** How the machine's study ended; null where it had more to do. */
  outcome: StudyOutcome | null;
  /** The reason of its outcome, else of its last decision. */
  reason: string;
}

/** Runs a table through the flowchart: the machine acts, the table gives the results, row by row. */
export function replay({ table, guideline, tolerance }: ReplayOptions): Replay {
  let state = start(replayInput({ table, guideline, tolerance }));
  state = advance(state, { type: 'baseline.given', runs: [known(table.baseline)] });
  const rows = table.iterations.map((row, index): ReplayRow => {
    const reached = iterations(state)[index];
    const ended = outcome(state)?.outcome;
    const reason = reached ? reasonFor(state, index) : `the machine's study had ended (${ended})`;
    const metrics = row.metrics && known(row.metrics);
    if (reached) state = feed(state, index, metrics);
    const machine = reached?.action ?? null;
    return { iteration: index, table: row.action, machine, agrees: machine === row.action, metrics, reason };
  });
  const last = outcome(state);
  return {
    agrees: rows.every(({ agrees }) => agrees),
    rows,
    outcome: last?.outcome ?? null,
    reason: last?.reason ?? decisions(state).at(-1)?.reason ?? '',
  };
}

/** Gives the machine the row's result if it is waiting for this iteration; a row without numbers counts as diverged. */
function feed(state: GuidelineState, index: number, metrics: Metrics | null): GuidelineState {
  const run = pendingRuns(state).find(({ iteration }) => iteration === index);
  if (!run) return state;
  return advance(
    state,
    metrics
      ? { type: 'run.finished', key: run.key, metrics }
      : { type: 'run.diverged', key: run.key, reason: 'the table shows no numbers', metrics: null },
  );
}

function reasonFor(state: GuidelineState, index: number): string {
  const all = decisions(state);
  if (index === 0) return all[0]?.reason ?? '';
  // The decision that led here judged the previous row, or the baseline for iteration 1 after an untrained iteration 0.
  return (all.find(({ iteration }) => iteration === index - 1) ?? all[0])?.reason ?? '';
}

function replayInput({ table, guideline, tolerance }: ReplayOptions): GuidelineInput {
  const { workers, metrics, iterations: rows } = table;
  const bounded = table.setting !== undefined && table.epochs !== undefined;
  const used = bounded ? guideline : withoutBounds(guideline, rows.length);
  const setting = table.setting ?? unboundedSetting;
  const epochs = bounded ? table.epochs! : Number.MAX_SAFE_INTEGER;
  // With more workers than the threshold, row 0 is not trained and costs no budget.
  const untrained = workers > guideline.threshold ? 1 : 0;
  return {
    guideline: used,
    guidelineHash: guidelineHash(used),
    rule: { rule: 'thesis', metrics, tolerance },
    workers,
    epochs,
    baseline: { runs: 1, setting },
    setting,
    budget: { iterations: Math.max(1, rows.length - untrained) },
  };
}

const unboundedSetting: Setting = {
  initialLr: 1,
  decayCoefficient: 3,
  warmupEpochs: 5,
  decayEpochs: 15,
  optimizer: 'sgd',
};

/** A table without settings does not say how large its authors' steps were, so the bounds are lifted. */
function withoutBounds(guideline: Guideline, steps: number): Guideline {
  return { ...guideline, actions: guideline.actions.map((action) => withoutBound(action, steps)) };
}

function withoutBound(action: GuidelineAction, steps: number): GuidelineAction {
  switch (action.action) {
    case 'decreaseInitialLr':
      return { ...action, minimum: 0 };
    case 'changeOptimizer': {
      // Two that alternate, so that each step is a change, however many steps the table takes.
      const optimizers = Array.from(
        { length: steps },
        (_, i) => ({ optimizer: i % 2 === 0 ? 'adam' : 'momentum' }) as const,
      );
      return { ...action, optimizers };
    }
    case 'shortenTraining':
      return { ...action, minimum: 0 };
    case 'tuneInitialLr':
      return { ...action, minimum: 0, maximum: Number.MAX_VALUE };
    default:
      return { ...action, maximum: Number.MAX_VALUE };
  }
}

function known(row: Record<string, number | null>): Metrics {
  const entries = Object.entries(row).filter((entry): entry is [string, number] => entry[1] !== null);
  return Object.fromEntries(entries);
}
