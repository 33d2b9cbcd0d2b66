import { type OptimizerName, optimizerNames, type Setting } from '../../src/domain/setting.ts';
import { gaussian } from '../decision-rules/noise.ts';
import { type RecordedRun, settingKey, settingOfRun } from './recorded-run.ts';
import type { BenchTask } from './tasks.ts';

/** Uniform numbers in [0, 1). */
export type Uniform = () => number;

export interface PlayedRun {
  /** Null where the run diverged. */
  metric: number | null;
  /** The metric after 1/10, 2/10, … of its epochs; shorter where the run diverged. */
  curve: number[];
  /** How much of its epochs was trained: 1 where it did not diverge. */
  part: number;
}

/** The recorded runs of one setting. */
export interface Point {
  setting: Setting & { epochs: number };
  runs: RecordedRun[];
  /** Of the runs that finished; NaN where none did. */
  mean: number;
  diverged: number;
}

/** A task on k workers as a table that any setting's runs can be drawn from. */
export interface Table {
  task: BenchTask;
  workers: number;
  points: Point[];
  /** Of which a run with k workers is recorded; no policy may use another. */
  optimizers: OptimizerName[];
  /** Of one worker with the baseline's setting, n ≥ 2 runs. */
  baseline: { mean: number; residuals: number[] };
  drawBaseline: (uniform: Uniform) => number;
  draw: (setting: Setting, uniform: Uniform) => PlayedRun;
  /** The mean that runs which finish are drawn around. */
  trueMean: (setting: Setting) => number;
  /** A setting's true loss against one worker is at most the margin, and at most one run in twenty diverges. */
  isNoLoss: (setting: Setting) => boolean;
}

/** How far away, in the units of `coordinates`, a recorded setting still says something. */
const reach = 0.4;
/** A setting of which more runs than this diverge is not without loss, whatever the others reach. */
const mayDiverge = 0.05;
/** Loss for each doubling of the rate beyond what is recorded of an optimizer. */
const beyond = 0.01;
/** Deviations that are pooled for the noise of a run. */
const pooled = 20;
/** How far deviations are smoothed, in their standard deviations: drawn as they are, two runs would often be the very same. */
const bandwidth = 0.5;

/**
 * The table of a task on k workers. A setting that was recorded with two seeds or more has the mean of its own runs;
 * any other the mean of its optimizer's recorded settings, weighted by their runs and exp(−d²/2·0.4²), d from `distance`; beyond the
 * recorded rates the nearest recorded rate's less 0.01 for each doubling. A run is that mean and a residual drawn with replacement
 * from those of the nearest settings, each √(n/(n−1)) times its deviation from its own setting's mean, and smoothed by half a
 * standard deviation (a smoothed bootstrap, of the same variance: Silverman & Young 1987). It diverges as
 * often as theirs did, weighted likewise. `shift` is added to every distributed run: a table in which nothing, or more, is without loss.
 */
export function tableOf(
  task: BenchTask,
  { runs, workers, shift = 0 }: { runs: readonly RecordedRun[]; workers: number; shift?: number },
): Table {
  const own = runs.filter((run) => run.task === task.name);
  const points = pointsOf(own.filter((run) => run.workers === workers));
  const baselineSetting = { ...task.baseline, epochs: task.epochs };
  const baselineKey = settingKey({ task: task.name, workers: 1, ...baselineSetting });
  const baselinePoint = pointsOf(own).find((point) => settingKey(point.runs[0]!) === baselineKey);
  if (points.length === 0 || baselinePoint === undefined || baselinePoint.runs.length < 2) {
    throw new Error(
      `${task.name}: too few runs are recorded with ${workers} workers and with one. Record more: npm run bench -- guidelines record --tasks ${task.name}`,
    );
  }
  const baseline = { mean: baselinePoint.mean, residuals: residualsOf(baselinePoint) };
  const known = new Map<string, Expected>();
  const expected = (setting: Setting): Expected => {
    const full = { ...setting, epochs: setting.epochs ?? task.epochs };
    const key = settingKey({ task: task.name, workers, ...full });
    const found = known.get(key) ?? expectedOf(points, full, task);
    known.set(key, found);
    return found;
  };
  const trueMean = (setting: Setting) => expected(setting).mean + shift;
  return {
    task,
    workers,
    points,
    optimizers: optimizerNames.filter((name) => points.some(({ setting }) => setting.optimizer === name)),
    baseline,
    drawBaseline: (uniform) => baseline.mean + smoothed(baseline.residuals, uniform),
    draw(setting, uniform) {
      const { mean, diverged, residuals, donors, lost } = expected(setting);
      if (uniform() < diverged) {
        const { curve } = one(lost, uniform);
        return { metric: null, curve, part: (curve.length + 0.5) / 10 };
      }
      const metric = Math.min(1, Math.max(0, mean + smoothed(residuals, uniform) + shift));
      const donor = one(donors, uniform);
      const scale = donor.metric ? metric / donor.metric : 1;
      return { metric, curve: donor.curve.map((value) => Math.min(1, value * scale)), part: 1 };
    },
    trueMean,
    isNoLoss: (setting) => trueMean(setting) >= baseline.mean - task.margin && expected(setting).diverged <= mayDiverge,
  };
}

interface Expected {
  mean: number;
  /** Share of runs. */
  diverged: number;
  residuals: number[];
  /** Finished runs whose curves are lent, and diverged ones. */
  donors: RecordedRun[];
  lost: RecordedRun[];
}

/** The recorded runs, setting by setting. */
export function pointsOf(runs: readonly RecordedRun[]): Point[] {
  const bySetting = new Map<string, RecordedRun[]>();
  for (const run of runs) {
    const key = settingKey(run);
    bySetting.set(key, [...(bySetting.get(key) ?? []), run]);
  }
  return [...bySetting.values()].map((group) => {
    const finished = group.flatMap(({ metric }) => (metric === null ? [] : [metric]));
    return {
      setting: settingOfRun(group[0]!),
      runs: group,
      mean: finished.reduce((sum, value) => sum + value, 0) / finished.length,
      diverged: 1 - finished.length / group.length,
    };
  });
}

/** What the recorded settings say of one, itself included where it was recorded with two seeds or more. */
export function expectedOf(points: readonly Point[], setting: Point['setting'], task: BenchTask): Expected {
  const same = points.filter((point) => point.setting.optimizer === setting.optimizer);
  if (same.length === 0) {
    throw new Error(`${task.name}: no run with the optimizer ${setting.optimizer} is recorded with so many workers.`);
  }
  const rates = same.map((point) => point.setting.initialLr);
  const initialLr = Math.min(Math.max(setting.initialLr, Math.min(...rates)), Math.max(...rates));
  const outside = Math.abs(Math.log2(setting.initialLr / initialLr));
  const near = same
    .map((point) => ({ point, distance: distance(point.setting, { ...setting, initialLr }, task) }))
    .sort((a, b) => a.distance - b.distance);
  const keyOf = (one: Point['setting']) => settingKey({ task: task.name, workers: 0, ...one });
  const nearest = near.find(({ point }) => keyOf(point.setting) === keyOf(setting)) ?? near[0]!;
  const exact = nearest.distance === 0 && nearest.point.runs.length >= 2 ? [nearest] : near;
  // Relative to the nearest, so that a setting far from all of them is the nearest one's.
  const weighted = exact.map(({ point, distance: d }) => ({
    point,
    weight: point.runs.length * Math.exp(-(d ** 2 - nearest.distance ** 2) / (2 * reach ** 2)),
  }));
  const finishing = weighted.filter(({ point }) => point.diverged < 1);
  const around = near.map(({ point }) => point).filter((point) => point.diverged < 1);
  const deviations = around.flatMap(residualsOf).slice(0, pooled);
  return {
    mean:
      weightedMean(finishing.length > 0 ? finishing : [{ point: nearest.point, weight: 1 }], meanOf) - beyond * outside,
    diverged: weightedMean(weighted, ({ diverged }) => diverged),
    residuals: deviations.length > 0 ? deviations : [0],
    donors: (exact.length === 1 && nearest.point.diverged < 1 ? [nearest.point] : around.slice(0, 5)).flatMap(
      ({ runs }) => runs.filter(({ metric }) => metric !== null),
    ),
    lost: near.flatMap(({ point }) => point.runs.filter(({ metric }) => metric === null)).slice(0, 5),
  };
}

/**
 * How unlike two settings of one optimizer are: 1 for a doubling of the rate, for 1.5 times the epochs, for 15 epochs
 * of warmup, for twice the decay coefficient, and for half of the training more in decay.
 */
export function distance(a: Point['setting'], b: Point['setting'], task: BenchTask): number {
  const share = ({ decayEpochs, epochs }: Point['setting']) => decayEpochs / epochs;
  return Math.hypot(
    Math.log2(a.initialLr / b.initialLr),
    Math.log(a.epochs / b.epochs) / Math.log(1.5),
    (((a.warmupEpochs - b.warmupEpochs) / 15) * 40) / task.epochs,
    Math.log2((a.decayCoefficient + 0.1) / (b.decayCoefficient + 0.1)),
    // Rounding to whole epochs is no difference.
    Math.abs(share(a) - share(b)) < 0.02 ? 0 : (share(a) - share(b)) / 0.5,
  );
}

/** The deviations of a setting's finished runs from their mean, as wide as the spread of single runs. */
function residualsOf({ runs, mean }: Point): number[] {
  const finished = runs.flatMap(({ metric }) => (metric === null ? [] : [metric]));
  if (finished.length < 2) return [];
  const widening = Math.sqrt(finished.length / (finished.length - 1));
  return finished.map((value) => (value - mean) * widening);
}

const meanOf = ({ mean }: Point) => (Number.isNaN(mean) ? 0 : mean);

function weightedMean(points: { point: Point; weight: number }[], value: (point: Point) => number): number {
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  return points.reduce((sum, { point, weight }) => sum + weight * value(point), 0) / total;
}

/** One of the deviations, and a normal one of half their spread, together as wide as they are. */
function smoothed(deviations: readonly number[], uniform: Uniform): number {
  const sd = Math.sqrt(deviations.reduce((sum, value) => sum + value ** 2, 0) / deviations.length);
  return Math.sqrt(1 - bandwidth ** 2) * one(deviations, uniform) + bandwidth * sd * gaussian(uniform);
}

function one<T>(values: readonly T[], uniform: Uniform): T {
  return values[Math.floor(uniform() * values.length)]!;
}
