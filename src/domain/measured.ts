import type { GradientNoise } from './noise-scale.ts';

/** The learning rates of one parameter group over some steps; `scale`: intended multiple of the schedule's rate. */
export interface MeasuredRate {
  min: number;
  max: number;
  scale?: number | undefined;
}

/** Whatever a trainer could measure of its own training. Plain JSON. */
export interface Measured {
  /** Rates of each parameter group; the first has the schedule's rate unless it states its scale. */
  lr?: readonly MeasuredRate[] | undefined;
  /** Optimizer steps of an epoch or of the whole training. */
  steps?: number | undefined;
  stepsPerEpoch?: number | undefined;
  /** Number of steps that a gradient scaler skipped, for which no rate is measured. */
  leftOut?: number | undefined;
  optimizer?: string | undefined;
  workers?: number | undefined;
  /** Fewer than the workers where a process does the work of several. */
  processes?: number | undefined;
  /** Samples per worker and optimizer step. */
  batchPerWorker?: number | undefined;
  /** Gradient noise of an epoch, from k workers' gradients and their mean. */
  gradientNoise?: GradientNoise | undefined;
}

/** The measurements that show a run to be the one requested. */
export const measurements = ['learning rate', 'optimizer steps', 'optimizer', 'workers', 'batch per worker'] as const;
export type Measurement = (typeof measurements)[number];

/** What was requested of an attempt, and what was measured over all its epochs. */
export interface MeasuredAttempt extends Measured {
  asked: { workers: number; batchPerWorker: number; optimizer: string; lr: { min: number; max: number } };
  /** Measurements that its trainer did not report; with any of these it is unverified. */
  unmeasured: Measurement[];
  /** The epoch after which its trainer stopped by itself; left out if it trained them all. */
  stoppedAfter?: number | undefined;
}

/** Which trainings stopped by themselves before their last epoch. */
export const earlyStops = ['epochs of one worker', 'epochs of k workers'] as const;

/** A reason why runs may differ from what was requested; with any of these a verdict is unverified. */
export type Doubt = Measurement | (typeof earlyStops)[number];
export const doubts: readonly Doubt[] = [...measurements, ...earlyStops];

interface DoubtfulRun {
  workers: number;
  unmeasured?: readonly Measurement[] | undefined;
  stoppedAfter?: number | undefined;
}

/** The doubts of several runs, each once. */
export function doubtsOf(runs: readonly DoubtfulRun[]): Doubt[] {
  const found = new Set<Doubt>(runs.flatMap(({ unmeasured = [] }) => unmeasured));
  for (const { stoppedAfter, workers } of runs)
    if (stoppedAfter !== undefined) found.add(earlyStops[workers === 1 ? 0 : 1]);
  return doubts.filter((each) => found.has(each));
}

/** "the trainer did not report its learning rate and workers; runs of one worker ended by themselves before their last epoch". */
export function doubtsText(found: readonly Doubt[]): string {
  const missing = measurements.filter((name) => found.includes(name));
  const early = earlyStops.filter((name) => found.includes(name)).map((name) => name.replace('epochs of ', ''));
  const list = missing.length > 1 ? `${missing.slice(0, -1).join(', ')} and ${missing.at(-1)}` : missing.join();
  return [
    ...(missing.length > 0 ? [`the trainer did not report its ${list}`] : []),
    ...(early.length > 0 ? [`runs of ${early.join(' and of ')} ended by themselves before their last epoch`] : []),
  ].join('; ');
}
