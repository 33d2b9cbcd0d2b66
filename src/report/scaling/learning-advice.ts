import type { Store } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { projectOf, readableConfig } from '../../config/stored.ts';
import { taskOf } from '../../config/training-task.ts';
import { type GradientNoise, noiseScale } from '../../domain/noise-scale.ts';
import { epochsOf } from '../../domain/setting.ts';
import { count, formatNumber } from '../../domain/text/format.ts';

/** The gradient noise scale, in samples, of runs that train the same task, measured while the rate is constant. */
export interface MeasuredNoise {
  scale: number;
  /** 10th and 90th percentile over the runs or epochs named by `of`. */
  low: number;
  high: number;
  of: 'runs' | 'epochs';
  epochs: number;
  runs: number;
  studies: string[];
}

/** A setting that was confirmed without loss, on more than one worker. */
export interface ConfirmedPrice {
  study: string;
  workers: number;
  /** Its epochs divided by one worker's. */
  epochs: number;
}

/** What the project has measured about how this task learns with larger batches. */
export interface MeasuredLearning {
  batchPerWorker: number;
  noise: MeasuredNoise | null;
  confirmed: ConfirmedPrice[];
}

/** How many times one worker's epochs are enough for the same accuracy. */
export interface EpochsAdvice {
  workers: number;
  /** Samples per step. */
  batch: number;
  /** How much a sample teaches relative to one in a single worker's step, by the formula alone. */
  learns: number;
  /** By the formula alone: (1 + k·b/B) / (1 + b/B). */
  textbook: number;
  /** By the formula, calibrated to what was confirmed; null where nothing was. */
  expected: number | null;
  /**
   * `low` is 1: at every count of the benchmark one worker's epochs were enough (docs/scaling.md); `high` uses the
   * least favourable measured scale.
   */
  low: number;
  high: number;
  /** Whether there are more than four times as many workers as were ever confirmed. */
  farOff: boolean;
}

/** Worker counts for which advice is given. */
export const advisedCounts = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** From all studies of the project that train the same task as this config; simulated ones say nothing. */
export function measuredLearning(config: ResolvedStudyConfig, store: Store): MeasuredLearning {
  const task = learnedTask(config);
  const same = store.studies().filter((study) => {
    const stored = readableConfig(study, projectOf(store));
    return !study.simulated && stored !== null && learnedTask(stored) === task;
  });
  const measured: { study: string; epochs: GradientNoise[] }[] = [];
  const confirmed: ConfirmedPrice[] = [];
  for (const { id, name, workers, epochs, outcome } of same) {
    for (const run of store.runsOf(id).filter(({ origin, state }) => origin === 'trained' && state === 'finished')) {
      const noises = noisesOf(store.epochsOf(run.id));
      if (noises.length > 0) measured.push({ study: name, epochs: noises });
    }
    const iteration = outcome === 'noLoss' && store.doubtsOf(id).length === 0 ? store.confirmedIterationOf(id) : null;
    const setting = iteration === null ? undefined : store.iteration(id, iteration)?.setting;
    if (setting !== undefined && workers > 1)
      confirmed.push({ study: name, workers, epochs: epochsOf(setting, epochs) / epochs });
  }
  return { batchPerWorker: config.batchPerWorker, noise: noiseOfRuns(measured), confirmed };
}

/** From this many runs on, the scatter of runs says more than the scatter of epochs. */
const enoughRuns = 4;

/** Sums both estimates over all epochs first: single epochs scatter by a factor of 3, or 10 with few measured steps. */
export function noiseOfRuns(runs: readonly { study: string; epochs: GradientNoise[] }[]): MeasuredNoise | null {
  const epochs = runs.flatMap((run) => run.epochs);
  const scale = noiseScale(sumOf(epochs));
  if (scale === null) return null;
  const of = runs.length >= enoughRuns ? 'runs' : 'epochs';
  const parts = of === 'runs' ? runs.map((run) => sumOf(run.epochs)) : epochs;
  const sorted = parts.flatMap((each) => noiseScale(each) ?? []).sort((a, b) => a - b);
  // It may be that no part by itself has both sums above 0.
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? scale;
  return {
    ...{ scale, low: Math.min(scale, at(0.1)), high: Math.max(scale, at(0.9)), of },
    ...{ epochs: epochs.length, runs: runs.length, studies: [...new Set(runs.map(({ study }) => study))] },
  };
}

function sumOf(noises: readonly GradientNoise[]): GradientNoise {
  const sum = (name: keyof GradientNoise) => noises.reduce((total, noise) => total + noise[name], 0);
  return { trace: sum('trace'), squaredNorm: sum('squaredNorm') };
}

/** The measurements, with advice for the number of workers in a config. */
export interface PlannedLearning extends MeasuredLearning {
  advice: EpochsAdvice | null;
}

export function plannedLearning(config: ResolvedStudyConfig, store: Store): PlannedLearning {
  const measured = measuredLearning(config, store);
  return { ...measured, advice: epochsAdvice(measured, config.workers) };
}

/** The task without `launcher.shards`: where gradients are computed does not affect how a task learns. */
function learnedTask(config: ResolvedStudyConfig): string {
  const { launcher } = config;
  return taskOf('shards' in launcher ? { ...config, launcher: { ...launcher, shards: 'exact' } } : config);
}

/** Noise of the epochs with a constant rate, where most samples are learned; of all where a trainer names no phases. */
function noisesOf(epochs: ReturnType<Store['epochsOf']>): GradientNoise[] {
  const named = epochs.some(({ phase }) => phase === 'stabilization');
  return epochs.flatMap(({ phase, measured }) =>
    named && phase !== 'stabilization' ? [] : (measured?.gradientNoise ?? []),
  );
}

/**
 * McCandlish et al. 2018, equation 2.7: S samples are needed with tiny batches, S · (1 + batch/B) with large ones. On
 * its own it asks for far too much, since one worker has more epochs than it needs. A confirmed setting bounds how many
 * are needed: the formula is scaled down until it asks for no more than was enough. Null where no scale was measured.
 */
export function epochsAdvice(
  { batchPerWorker, noise, confirmed }: MeasuredLearning,
  workers: number,
): EpochsAdvice | null {
  if (noise === null) return null;
  const formula = (scale: number, k: number) => (1 + (k * batchPerWorker) / scale) / (1 + batchPerWorker / scale);
  const calibrated = (scale: number) => {
    const needed = Math.min(1, ...confirmed.map(({ workers: k, epochs }) => epochs / formula(scale, k)));
    return Math.max(1, needed * formula(scale, workers));
  };
  const all = [noise.low, noise.scale, noise.high].map(calibrated);
  const textbook = formula(noise.scale, workers);
  return {
    workers,
    batch: workers * batchPerWorker,
    learns: 1 / textbook,
    textbook,
    expected: confirmed.length === 0 ? null : all[1]!,
    low: 1,
    high: Math.max(...all),
    farOff: workers > 4 * Math.max(...confirmed.map((each) => each.workers), 0),
  };
}

/** Speed-up over one worker in reaching the same accuracy; `throughput`: epochs per hour relative to one worker. */
export function speedUpAdvice(advice: EpochsAdvice, throughput: number) {
  return {
    expected: advice.expected === null ? null : throughput / advice.expected,
    low: throughput / advice.high,
    high: throughput / advice.low,
  };
}

/** What the advice rests on and where it ends, one sentence each. */
export function learningSources({ noise, confirmed }: MeasuredLearning): string[] {
  const prices = confirmed
    .map(({ study, workers, epochs }) => `${count(workers, 'worker')} with ${text(epochs)} times the epochs (${study})`)
    .join('; ');
  if (noise === null)
    return [
      'How many epochs it takes is unknown: no run of this task has stored a gradient noise scale. It is measured where workers have separate gradients: launcher mpi, shards: exact, or PyTorch through run.epochs.',
      ...(prices === '' ? [] : [`Confirmed without loss: ${prices}.`]),
    ];
  const { scale, low, high, of, epochs, runs, studies } = noise;
  const measured = `The gradient noise scale is ${text(scale)} samples (eight of ten ${of}: ${text(low)} to ${text(high)}), measured in ${count(epochs, 'epoch')} of ${count(runs, 'run')} of ${studies.join(', ')}.`;
  if (confirmed.length === 0)
    return [
      measured,
      'No setting of this task has been confirmed without loss yet, so it is unknown how far off the textbook formula is here; on the cerebellum example it asks for three times too much. What it asks for is an upper bound.',
    ];
  return [measured, `The formula is scaled to what was confirmed without loss: ${prices}.`];
}

/** The advice for one number of workers in words; `throughput`: epochs per hour relative to one worker. */
export function learningSentence(advice: EpochsAdvice, throughput: number): string {
  const { workers, batch, learns, textbook, expected, low, high, farOff } = advice;
  const begin = `${count(workers, 'worker')} process ${text(throughput)} times as many samples; with ${count(batch, 'sample')} a step, each teaches ${text(learns)} times as much, by the formula`;
  const speed = speedUpAdvice(advice, throughput);
  if (expected === null || speed.expected === null)
    return `${begin}, which asks for up to ${text(textbook)} times the epochs: between ${text(speed.low)} and ${text(speed.high)} times as fast.`;
  const far = farOff ? ' Nothing near this many was confirmed: treat it as a rough guide.' : '';
  const one = text(low) === text(high);
  const range = (least: number, most: number) => (one ? '' : ` (${text(least)} to ${text(most)})`);
  const basis = one
    ? 'It is based on settings confirmed with as many epochs as one worker; another setting may need more.'
    : 'The formula errs on the high side: a better setting may need no more epochs than one worker. The maximum uses the least favourable measured noise scale.';
  return `${begin}. Expect ${text(expected)} times the epochs${range(low, high)}, and the same accuracy ${text(speed.expected)} times as fast${range(speed.low, speed.high)}. ${basis}${far}`;
}

function text(value: number): string {
  return formatNumber(Number(value.toPrecision(2)));
}
