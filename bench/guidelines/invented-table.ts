import type { OptimizerName, Setting } from '../../src/domain/setting.ts';
import { gaussian } from '../decision-rules/noise.ts';
import type { Point, Table, Uniform } from './table.ts';
import { type BenchTask, benchTasks } from './tasks.ts';

/** How an optimizer does on an invented task: its loss at its best rate, and how fast that falls with more epochs. */
interface Response {
  /** Against one worker, with the study's epochs and the best rate. */
  loss: number;
  /** The loss scales with E₁/E to this power. */
  power: number;
  bestLr: number;
  /** Loss added per squared doubling of the rate away from the best. */
  curvature: number;
}

/**
 * A synthetic task, on which to choose a policy's numbers without looking at the recorded ones: worker count, spreads
 * (a third of the tasks with a heavy tail on k workers), best rates and the effects of more epochs and of Adam are all
 * drawn from wide ranges, reproducibly from a seed. `apart`: settings are chosen on one part of the data and confirmed
 * on another, with somewhat different results.
 */
export function inventedTable(uniform: Uniform, { apart = false }: { apart?: boolean } = {}): Table {
  const between = (low: number, high: number) => low + (high - low) * uniform();
  const factor = (low: number, high: number) => low * (high / low) ** uniform();
  const workers = [4, 8, 12, 18, 32][Math.floor(5 * uniform())]!;
  const [first] = benchTasks as [BenchTask, ...BenchTask[]];
  const task: BenchTask = { ...first, name: 'invented', part: 'designed', workers: [workers] };
  const spread = factor(0.002, 0.005);
  const spreadOfMany = spread * factor(1, 2);
  const heavy = uniform() < 1 / 3;
  const responses: Partial<Record<OptimizerName, Response>> = {
    sgd: {
      loss: between(-0.002, workers > 12 ? 0.03 : 0.015),
      power: between(0.3, 3),
      bestLr: task.baseline.initialLr * 2 ** between(-2.5, 0),
      curvature: between(0.002, 0.01),
    },
    adam: {
      loss: between(-0.003, workers > 12 ? 0.03 : 0.02),
      power: between(0, 1),
      bestLr: (0.001 / Math.sqrt(workers)) * 2 ** between(0, 4),
      curvature: between(0.001, 0.006),
    },
  };
  const warmup = between(-0.001, 0.001);
  const mean = 0.86;
  const trueMean = ({ optimizer, initialLr, epochs = task.epochs, warmupEpochs }: Setting) => {
    const { loss, power, bestLr, curvature } = responses[optimizer] ?? responses.sgd!;
    const longer = loss > 0 ? (task.epochs / epochs) ** power : 1;
    const later = (warmup * (warmupEpochs - task.baseline.warmupEpochs)) / 5;
    return mean - loss * longer - Math.min(0.3, curvature * Math.log2(initialLr / bestLr) ** 2) + later;
  };
  const draw = (sd: number, tail: boolean) => sd * gaussian(uniform) - (tail && uniform() < 0.05 ? 4 * sd : 0);
  const onChosen = apart ? chosenPart(uniform, task) : null;
  /** The run's `value` on the part that confirms and, if there is another part, its metric there. */
  const parted = (setting: Setting, value: number, sd: number) =>
    onChosen === null
      ? { metric: value }
      : { metric: value + onChosen.shift(setting) + onChosen.noise * sd * gaussian(uniform), confirming: value };
  return {
    task,
    workers,
    points: cornersOf(task, workers),
    optimizers: ['sgd', 'adam'],
    baseline: { mean, chosenMean: mean, residuals: [] },
    drawBaseline: () => parted(task.baseline, mean + draw(spread, false), spread),
    draw: (setting) => ({
      ...parted(setting, trueMean(setting) + draw(spreadOfMany, heavy), spreadOfMany),
      curve: [],
      part: 1,
    }),
    trueMean,
    isNoLoss: (setting) => trueMean(setting) - (heavy ? 0.2 * spreadOfMany : 0) >= mean - task.margin,
  };
}

/**
 * How the part that settings are chosen on differs from the one that confirms: by amounts for Adam, for each doubling
 * of the rate and for each setting, with standard deviations of up to half the margin, and by more noise in single
 * runs.
 */
function chosenPart(uniform: Uniform, task: BenchTask) {
  const size = 0.5 * task.margin * uniform();
  const noise = 2 * uniform();
  const adam = size * gaussian(uniform);
  const slope = 0.5 * size * gaussian(uniform);
  const own = new Map<string, number>();
  const shift = (setting: Setting) => {
    const key = JSON.stringify(setting);
    const known = own.get(key) ?? 0.5 * size * gaussian(uniform);
    own.set(key, known);
    const { optimizer, initialLr } = setting;
    const from = optimizer === 'adam' ? 0.001 : task.baseline.initialLr;
    return (optimizer === 'adam' ? adam : 0) + slope * Math.log2(initialLr / from) + known;
  };
  return { noise, shift };
}

/** The ends of the ranges of rates that searches are given. */
function cornersOf(task: BenchTask, workers: number): Point[] {
  const rates: [OptimizerName, number][] = [
    ['sgd', task.baseline.initialLr / 8],
    ['sgd', task.baseline.initialLr],
    ['adam', 0.0005 / Math.sqrt(workers)],
    ['adam', 0.016 / Math.sqrt(workers)],
  ];
  return rates.map(([optimizer, initialLr]) => ({
    setting: { ...task.baseline, epochs: task.epochs, optimizer, initialLr },
    runs: [],
    mean: Number.NaN,
    chosenMean: Number.NaN,
    diverged: 0,
  }));
}
