import {
  type Measured,
  type MeasuredAttempt,
  type MeasuredRate,
  type Measurement,
  measurements,
} from '../../src/domain/measured.ts';
import type { AskedRun } from './asked.ts';
import type { TrainerReport } from './input.ts';

/** What an attempt's trainer has measured so far: the range of rates, the sum of steps, the latest of the rest. */
export interface MeasuredFacts extends Measured {
  /** Number of epochs reported, and of those with a rate. */
  epochs: number;
  rated: number;
}

export const nothingMeasured: MeasuredFacts = { epochs: 0, rated: 0 };

/** The measurements in a report; `workers` of "started" counts even if the trainer measures nothing else. */
export function measuredBy(event: TrainerReport): Measured {
  const workers = event.type === 'started' ? event.workers : undefined;
  const said = Object.entries({ workers, ...('measured' in event ? event.measured : {}) });
  return Object.fromEntries(said.filter(([, value]) => value !== undefined));
}

export function addMeasured(before: MeasuredFacts, event: TrainerReport): MeasuredFacts {
  const { lr, steps, leftOut: _, gradientNoise: __, ...rest } = measuredBy(event);
  const told = event.type === 'epoch' && event.lr !== undefined ? [{ min: event.lr, max: event.lr }] : undefined;
  const rates = lr ?? told;
  const total = event.type === 'finished' ? (event.steps ?? steps) : steps && (before.steps ?? 0) + steps;
  return {
    ...before,
    ...rest,
    ...(rates && { lr: widened(before.lr, rates) }),
    ...(total !== undefined && { steps: total }),
    epochs: before.epochs + (event.type === 'epoch' ? 1 : 0),
    rated: before.rated + (event.type === 'epoch' && rates ? 1 : 0),
  };
}

function widened(before: readonly MeasuredRate[] | undefined, rates: readonly MeasuredRate[]): MeasuredRate[] {
  return rates.map(({ min, max, ...rest }, group) => {
    const known = before?.[group];
    return { min: Math.min(min, known?.min ?? min), max: Math.max(max, known?.max ?? max), ...rest };
  });
}

/** What was asked of an attempt, measured, and left unmeasured. An epoch interrupted by a restart needs no rate. */
export function measuredAttempt(
  { measured, starts, stoppedAfter }: { measured: MeasuredFacts; starts: number; stoppedAfter: number | null },
  { workers, batchPerWorker, optimizer, rates, epochs: ofRun }: AskedRun,
): MeasuredAttempt {
  const { epochs, rated, ...known } = measured;
  const missing: Record<Measurement, boolean> = {
    'learning rate': rated === 0 || epochs - rated > starts,
    'optimizer steps': known.steps === undefined || known.stepsPerEpoch === undefined,
    optimizer: known.optimizer === undefined,
    workers: known.workers === undefined,
    'batch per worker': known.batchPerWorker === undefined,
  };
  const lr = {
    min: Math.min(...rates.map(({ lowest }) => lowest)),
    max: Math.max(...rates.map(({ highest }) => highest)),
  };
  const asked = { workers, batchPerWorker, optimizer, lr };
  const unmeasured = measurements.filter((name) => missing[name]);
  const early = stoppedAfter !== null && stoppedAfter < ofRun ? { stoppedAfter } : {};
  return { ...known, asked, unmeasured, ...early };
}

/** The measurements of an attempt that had no epoch left to train, completed by those of the attempt it continued. */
export function continuedFrom(before: MeasuredAttempt, own: MeasuredAttempt): MeasuredAttempt {
  return { ...before, ...own, unmeasured: own.unmeasured.filter((name) => before.unmeasured.includes(name)) };
}
