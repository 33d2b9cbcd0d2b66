import type { Measured, MeasuredRate } from '../../src/domain/measured.ts';
import type { OptimizerName } from '../../src/domain/setting.ts';

/** What a run is asked to be, as far as its trainer can measure it. Plain JSON. */
export interface AskedRun {
  workers: number;
  batchPerWorker: number;
  optimizer: OptimizerName;
  /** E. */
  epochs: number;
  /** The schedule's over epoch 1, 2, …, E: the rate at its start, the lowest and the highest. */
  rates: readonly { start: number; lowest: number; highest: number }[];
  /** Of the study's single worker, as far as it was measured: a later run passes over as many. */
  samplesPerEpoch?: { run: string; samples: number; batch: number } | undefined;
}

/** Rates, and numbers of steps, that differ by less than this part of them are the same. */
const tolerance = 0.01;

/** How a run differs from what was asked by what its processes are; null where it does not, or nobody measured. */
export function otherProcesses(asked: AskedRun, { workers, batchPerWorker, optimizer }: Measured): string | null {
  if (workers !== undefined && workers !== asked.workers) {
    return `${count(asked.workers, 'worker')} ${asked.workers === 1 ? 'was' : 'were'} asked, and the trainer measured ${workers}. Start as many processes as "workers" of run.json says ({workers} in trainer.command), and let them train together`;
  }
  if (batchPerWorker !== undefined && batchPerWorker !== asked.batchPerWorker) {
    return `a batch of ${asked.batchPerWorker} per worker was asked, and the trainer measured ${batchPerWorker}. Take "batchPerWorker" of run.json (Python: run.batch_per_worker), or set batchPerWorker in the study to the trainer's own`;
  }
  if (optimizer !== undefined && optimizer.toLowerCase() !== asked.optimizer) {
    return `the optimizer ${asked.optimizer} was asked, and the trainer measured ${optimizer}. Take "setting.optimizer" of run.json (Python: run.setting.optimizer), or set setting.optimizer in the study to the trainer's own and say in "started" which it can do`;
  }
  return null;
}

/**
 * How the rate of an epoch differs by more than 1 % from what the schedule says over it; null where it does not. A whole
 * epoch's rates have its first one among them, unless steps were left out; of a trainer that only tells the `last` one,
 * nothing more is known than that it lies between the schedule's.
 */
export function otherRate(
  { rates }: AskedRun,
  epoch: number,
  { lr, last, leftOut = 0 }: Pick<Measured, 'lr' | 'leftOut'> & { last?: number | undefined },
): string | null {
  const schedule = rates[epoch - 1];
  if (schedule === undefined) return null;
  const [base] = lr ?? [];
  const { min, max } = base ? ofSchedule(base) : { min: last, max: last };
  if (min === undefined || max === undefined) return null;
  const whole = base !== undefined && leftOut === 0;
  // Of a further group nobody but the trainer knows what it is meant to be.
  const further = (lr ?? []).slice(1).flatMap((group, at) => (group.scale === undefined ? [] : [{ ...group, at }]));
  const other = further.find((group) => !follows(schedule, ofSchedule(group), whole));
  const { start, lowest, highest } = schedule;
  const from = start === lowest || start === highest ? [start, start === lowest ? highest : lowest] : [lowest, highest];
  const asked = (scale = 1) =>
    `${range(scale * from[0]!, scale * from[1]!)} was asked as the learning rate of epoch ${epoch}`;
  if (!follows(schedule, { min, max }, whole)) {
    return `${asked()}, and the trainer measured ${range(min, max)}. Take the rate of run.json before every step, without scaling it again (Python: run.lr_scheduler(optimizer, steps_per_epoch))`;
  }
  if (other === undefined) return null;
  return `${asked(other.scale)} in parameter group ${other.at + 2} (${short(other.scale ?? 1)} times the schedule's), and the trainer measured ${range(other.min, other.max)}. Set the rate of every parameter group before every step`;
}

/** `whole`: an epoch's rates, which have its first one among them, not one of them alone. */
function follows(
  { start, lowest, highest }: AskedRun['rates'][number],
  { min, max }: { min: number; max: number },
  whole: boolean,
): boolean {
  const inside = min >= lowest * (1 - tolerance) && max <= highest * (1 + tolerance);
  return inside && (!whole || (min <= start * (1 + tolerance) && max >= start * (1 - tolerance)));
}

/**
 * How many more or fewer samples an epoch of this training passes over than one of the single worker; null where it
 * does not, or nobody measured. The last batch may be left out, or filled up, on both sides.
 */
export function otherSamples(
  { samplesPerEpoch, workers, batchPerWorker }: AskedRun,
  { stepsPerEpoch }: Measured,
): string | null {
  if (samplesPerEpoch === undefined || stepsPerEpoch === undefined) return null;
  const { run, samples, batch } = samplesPerEpoch;
  const own = stepsPerEpoch * workers * batchPerWorker;
  if (Math.abs(own - samples) <= workers * batchPerWorker + batch + tolerance * samples) return null;
  return `an epoch of ${run} passes over ${samples} samples, and one of this run over ${own} (${count(stepsPerEpoch, 'step')} of ${workers} × ${batchPerWorker}). Share the data out among the workers (PyTorch: DistributedSampler), so that an epoch is one pass over them`;
}

/** How the optimizer steps of an epoch differ from those that the trainer says an epoch has. */
export function otherSteps(epoch: number, { steps, stepsPerEpoch }: Measured): string | null {
  if (steps === undefined || stepsPerEpoch === undefined) return null;
  if (Math.abs(steps - stepsPerEpoch) <= tolerance * stepsPerEpoch) return null;
  return `${count(stepsPerEpoch, 'optimizer step')} ${stepsPerEpoch === 1 ? 'is' : 'are'} an epoch of this training, and the trainer measured ${steps} in epoch ${epoch}. Step the optimizer as often as the epoch has steps, or say how often that is`;
}

/** How a training that says that it is complete falls short of what was asked. `told`: the epochs it reported. */
export function fellShort(
  { epochs }: AskedRun,
  told: readonly { epoch: number }[],
  { steps, stepsPerEpoch }: Measured,
): string | null {
  const numbers = [0, ...told.map(({ epoch }) => epoch)];
  const last = numbers.at(-1)!;
  // Who reports every fifth epoch only may well have trained those after the last.
  const stride = Math.max(1, ...numbers.slice(1).map((epoch, at) => epoch - numbers[at]!));
  if (last > 0 && last + stride <= epochs) {
    return `${count(epochs, 'epoch')} were asked, and the trainer finished after epoch ${last}. Train all "epochs" of run.json (Python: run.epochs), or say in "finished" after which one it stopped by itself ("stoppedAfter"; Python: run.stopped_early)`;
  }
  const asked = stepsPerEpoch === undefined ? undefined : stepsPerEpoch * epochs;
  if (steps === undefined || asked === undefined || steps >= asked * (1 - tolerance)) return null;
  return `${asked} optimizer steps were asked (${epochs} epochs of ${stepsPerEpoch}), and the trainer finished after ${steps}. Train all "epochs" of run.json (Python: run.epochs), or say in "finished" after which one it stopped by itself ("stoppedAfter"; Python: run.stopped_early)`;
}

function ofSchedule({ min, max, scale = 1 }: MeasuredRate): { min: number; max: number } {
  return { min: min / scale, max: max / scale };
}

function range(one: number, other: number): string {
  const [from, to] = [short(one), short(other)];
  return from === to ? from : `${from} to ${to}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
