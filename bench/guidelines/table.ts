import { type OptimizerName, optimizerNames, type Setting } from '../../src/domain/setting.ts';
import { gaussian } from '../decision-rules/noise.ts';
import { Refusal } from '../support/refusal.ts';
import { type RecordedRun, settingKey, settingOfRun } from './recorded-run.ts';
import type { BenchTask } from './tasks.ts';

/** Uniform numbers in [0, 1). */
export type Uniform = () => number;

/** A run's value of the task's metric, on the part that settings are chosen on. */
interface Chosen {
  metric: number;
  /** On the part that confirms; left out if that is the same part. */
  confirming?: number;
}

export interface PlayedRun extends Omit<Chosen, 'metric'> {
  /** Null if the run diverged. */
  metric: number | null;
  /** The metric after 1/10, 2/10, … of its epochs; shorter if the run diverged. */
  curve: number[];
  /** Share of its epochs that was trained; 1 unless it diverged. */
  part: number;
}

/** The recorded runs of one setting. */
export interface Point {
  setting: Setting & { epochs: number };
  runs: RecordedRun[];
  /** Of the runs that finished, on the part that confirms; NaN if none did. */
  mean: number;
  /** The same on the part that settings are chosen on. */
  chosenMean: number;
  diverged: number;
}

/** A task on k workers as a table that any setting's runs can be drawn from. */
export interface Table {
  task: BenchTask;
  workers: number;
  points: Point[];
  /** Those with a recorded run on k workers; no policy may use another. */
  optimizers: OptimizerName[];
  /** From n ≥ 2 runs of one worker with the baseline's setting. */
  baseline: { mean: number; chosenMean: number; residuals: Values[] };
  drawBaseline: (uniform: Uniform) => Chosen;
  draw: (setting: Setting, uniform: Uniform) => PlayedRun;
  /** The mean around which finished runs are drawn, on the part that confirms. */
  trueMean: (setting: Setting) => number;
  /** Whether the true loss against one worker is at most the margin, and at most one run in twenty diverges. */
  isNoLoss: (setting: Setting) => boolean;
}

/** A run's metric, or its deviation from its setting's mean, on both parts; equal if there is only one part. */
interface Values {
  chosen: number;
  confirming: number;
}

/** How far, in units of `distance`, a recorded setting informs others. */
const reach = 0.4;
/** A setting with a larger share of diverging runs is not without loss, whatever the others reach. */
const mayDiverge = 0.05;
/** Loss for each doubling of the rate beyond an optimizer's recorded rates. */
const beyond = 0.01;
/** Number of deviations pooled for the noise of a run. */
const pooled = 20;
/** Smoothing of the deviations, in their standard deviations; without it, two runs would often be identical. */
const bandwidth = 0.5;

/**
 * The table of a task on k workers. A setting recorded with two seeds or more has the mean of its own runs; any other
 * has the mean of its optimizer's recorded settings, weighted by their runs and exp(−d²/(2·0.4²)), d from `distance`;
 * beyond the recorded rates, that at the nearest recorded rate less 0.01 for each doubling. A run is that mean plus a
 * residual drawn with replacement from those of the nearest settings, each √(n/(n−1)) times a run's deviation from its
 * own setting's mean, smoothed by half a standard deviation (a smoothed bootstrap of the same variance: Silverman &
 * Young 1987). It diverges as often as the recorded settings did, weighted likewise. `shift` is added to every
 * distributed run, for a table in which nothing, or more, is without loss.
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
    throw new Refusal(
      `${task.name}: too few runs are recorded with ${workers} workers and with one. Record more: npm run bench -- guidelines record --tasks ${task.name}`,
    );
  }
  const { mean, chosenMean } = baselinePoint;
  const baseline = { mean, chosenMean, residuals: residualsOf(baselinePoint) };
  const apart = own.some(({ validation }) => validation !== undefined);
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
    drawBaseline: (uniform) => around(baseline, { residuals: baseline.residuals, apart, uniform }),
    draw(setting, uniform) {
      const { mean, chosenMean, diverged, residuals, donors, lost } = expected(setting);
      if (uniform() < diverged) {
        const { curve } = one(lost, uniform);
        return { metric: null, curve, part: (curve.length + 0.5) / 10 };
      }
      const means = { mean: mean + shift, chosenMean: chosenMean + shift };
      const drawn = around(means, { residuals, apart, uniform });
      const donor = one(donors, uniform);
      const own = valuesOf(donor)?.chosen;
      const scale = own ? drawn.metric / own : 1;
      return { ...drawn, curve: donor.curve.map((value) => Math.min(1, value * scale)), part: 1 };
    },
    trueMean,
    isNoLoss: (setting) => trueMean(setting) >= baseline.mean - task.margin && expected(setting).diverged <= mayDiverge,
  };
}

interface Expected {
  mean: number;
  chosenMean: number;
  /** Share of runs. */
  diverged: number;
  residuals: Values[];
  /** Finished runs (`donors`) and diverged runs (`lost`) whose curves drawn runs borrow. */
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
    const finished = group.flatMap((run) => valuesOf(run) ?? []);
    const mean = (value: (of: Values) => number) =>
      finished.reduce((sum, values) => sum + value(values), 0) / finished.length;
    return {
      setting: settingOfRun(group[0]!),
      runs: group,
      mean: mean(({ confirming }) => confirming),
      chosenMean: mean(({ chosen }) => chosen),
      diverged: 1 - finished.length / group.length,
    };
  });
}

/** What to expect of a setting: from its own runs if recorded with two seeds or more, else from its optimizer's. */
export function expectedOf(points: readonly Point[], setting: Point['setting'], task: BenchTask): Expected {
  const same = points.filter((point) => point.setting.optimizer === setting.optimizer);
  if (same.length === 0) {
    throw new Error(
      `${task.name}: no run with the optimizer ${setting.optimizer} is recorded with this number of workers.`,
    );
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
  // Relative to the nearest, so that a setting far from all of them takes the nearest one's values.
  const weighted = exact.map(({ point, distance: d }) => ({
    point,
    weight: point.runs.length * Math.exp(-(d ** 2 - nearest.distance ** 2) / (2 * reach ** 2)),
  }));
  const finishing = weighted.filter(({ point }) => point.diverged < 1);
  const around = near.map(({ point }) => point).filter((point) => point.diverged < 1);
  const deviations = around.flatMap(residualsOf).slice(0, pooled);
  const from = finishing.length > 0 ? finishing : [{ point: nearest.point, weight: 1 }];
  return {
    mean: weightedMean(from, ({ mean }) => mean || 0) - beyond * outside,
    chosenMean: weightedMean(from, ({ chosenMean }) => chosenMean || 0) - beyond * outside,
    diverged: weightedMean(weighted, ({ diverged }) => diverged),
    residuals: deviations.length > 0 ? deviations : [{ chosen: 0, confirming: 0 }],
    donors: (exact.length === 1 && nearest.point.diverged < 1 ? [nearest.point] : around.slice(0, 5)).flatMap(
      ({ runs }) => runs.filter(({ metric }) => metric !== null),
    ),
    lost: near.flatMap(({ point }) => point.runs.filter(({ metric }) => metric === null)).slice(0, 5),
  };
}

/**
 * How unlike two settings of one optimizer are: 1 for a doubling of the rate, for 1.5 times the epochs, for 15 epochs
 * (of 40) more warmup, for twice the decay coefficient, and for a decay longer by half of the training.
 */
export function distance(a: Point['setting'], b: Point['setting'], task: BenchTask): number {
  const share = ({ decayEpochs, epochs }: Point['setting']) => decayEpochs / epochs;
  return Math.hypot(
    Math.log2(a.initialLr / b.initialLr),
    Math.log(a.epochs / b.epochs) / Math.log(1.5),
    (((a.warmupEpochs - b.warmupEpochs) / 15) * 40) / task.epochs,
    Math.log2((a.decayCoefficient + 0.1) / (b.decayCoefficient + 0.1)),
    // Rounding to whole epochs does not count as a difference.
    Math.abs(share(a) - share(b)) < 0.02 ? 0 : (share(a) - share(b)) / 0.5,
  );
}

/** The deviations of a setting's finished runs from their mean, widened to the spread of single runs. */
function residualsOf({ runs, mean, chosenMean }: Point): Values[] {
  const finished = runs.flatMap((run) => valuesOf(run) ?? []);
  if (finished.length < 2) return [];
  const widening = Math.sqrt(finished.length / (finished.length - 1));
  return finished.map(({ chosen, confirming }) => ({
    chosen: (chosen - chosenMean) * widening,
    confirming: (confirming - mean) * widening,
  }));
}

/** Null if the run diverged. */
function valuesOf({ metric, validation }: RecordedRun): Values | null {
  return metric === null ? null : { chosen: validation ?? metric, confirming: metric };
}

function weightedMean(points: { point: Point; weight: number }[], value: (point: Point) => number): number {
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  return points.reduce((sum, { point, weight }) => sum + weight * value(point), 0) / total;
}

/** A run around the means: both parts deviate like one recorded run, plus some noise, with recorded runs' variance. */
function around(
  { mean, chosenMean }: Pick<Point, 'mean' | 'chosenMean'>,
  { residuals, apart, uniform }: { residuals: readonly Values[]; apart: boolean; uniform: Uniform },
): Chosen {
  const drawn = one(residuals, uniform);
  const value = (centre: number, of: (values: Values) => number) => {
    const sd = Math.sqrt(residuals.reduce((sum, each) => sum + of(each) ** 2, 0) / residuals.length);
    const deviation = Math.sqrt(1 - bandwidth ** 2) * of(drawn) + bandwidth * sd * gaussian(uniform);
    return Math.min(1, Math.max(0, centre + deviation));
  };
  const metric = value(chosenMean, ({ chosen }) => chosen);
  return apart ? { metric, confirming: value(mean, ({ confirming }) => confirming) } : { metric };
}

function one<T>(values: readonly T[], uniform: Uniform): T {
  return values[Math.floor(uniform() * values.length)]!;
}
