import { type EpochsAdvice, epochsAdvice, type MeasuredNoise } from '../../src/report/scaling/learning-advice.ts';
import type { RecordedRun } from '../guidelines/recorded-run.ts';
import { type Point, pointsOf } from '../guidelines/table.ts';
import type { BenchTask } from '../guidelines/tasks.ts';
import { Refusal } from '../support/refusal.ts';

/** What the recorded runs show for one worker count: the fewest epochs without loss, in multiples of one worker's. */
export interface MeasuredCount {
  workers: number;
  runs: number;
  settings: number;
  /** Null if no recorded setting is without loss. */
  epochs: number | null;
  setting: Point['setting'] | null;
}

/** Settings with fewer runs are ignored: their mean is not known well enough. */
const fewestRuns = 2;

/** Settings without loss: the mean of two or more runs is within the margin of one worker's, and none diverged. */
export function withoutLoss(task: BenchTask, runs: readonly RecordedRun[], workers: number): Point[] {
  const own = runs.filter((run) => run.task === task.name);
  const least = baselineMean(task, own) - task.margin;
  return pointsOf(own.filter((run) => run.workers === workers)).filter(
    ({ runs: of, mean, diverged }) => of.length >= fewestRuns && diverged === 0 && mean >= least,
  );
}

/** Every worker count of the task, ascending. */
export function measuredCounts(task: BenchTask, runs: readonly RecordedRun[]): MeasuredCount[] {
  const own = runs.filter((run) => run.task === task.name && run.workers > 1);
  const counts = [...new Set(own.map((run) => run.workers))].sort((a, b) => a - b);
  return counts.map((workers) => {
    const here = own.filter((run) => run.workers === workers);
    const [best] = withoutLoss(task, runs, workers).sort(
      (a, b) => a.setting.epochs - b.setting.epochs || b.mean - a.mean,
    );
    return {
      ...{ workers, runs: here.length, settings: pointsOf(here).length },
      epochs: best === undefined ? null : best.setting.epochs / task.epochs,
      setting: best?.setting ?? null,
    };
  });
}

export interface Prediction {
  workers: number;
  measured: number | null;
  /** With nothing confirmed: the formula, an upper bound. */
  textbook: number;
  /** With every smaller count confirmed, as in `autopilot scale`; null for the smallest. */
  advice: Pick<EpochsAdvice, 'expected' | 'low' | 'high'> | null;
}

/** What `autopilot doctor --workers` would have said about each count, knowing only the smaller ones. */
export function predictions(
  { batchPerWorker }: Pick<BenchTask, 'batchPerWorker'>,
  { noise, counts }: { noise: MeasuredNoise; counts: readonly MeasuredCount[] },
): Prediction[] {
  return counts.map(({ workers, epochs }) => {
    const confirmed = counts.flatMap((each) =>
      each.workers < workers && each.epochs !== null
        ? [{ study: 'recorded', workers: each.workers, epochs: each.epochs }]
        : [],
    );
    const { textbook, expected, low, high } = epochsAdvice({ batchPerWorker, noise, confirmed }, workers)!;
    return { workers, measured: epochs, textbook, advice: expected === null ? null : { expected, low, high } };
  });
}

function baselineMean(task: BenchTask, own: readonly RecordedRun[]): number {
  const { initialLr, decayEpochs } = task.baseline;
  const points = pointsOf(own.filter((run) => run.workers === 1));
  const found = points.find(
    ({ setting }) =>
      setting.initialLr === initialLr && setting.decayEpochs === decayEpochs && setting.epochs === task.epochs,
  );
  if (found === undefined)
    throw new Refusal(`${task.name}: no run of one worker with the baseline's setting is recorded.`);
  return found.mean;
}
