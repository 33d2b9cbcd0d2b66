import type { Measured, MeasuredRate } from '../../src/domain/measured.ts';
import type { OptimizerName } from '../../src/domain/setting.ts';

/** What a run was asked to be, as far as its trainer can measure it. Plain JSON. */
export interface AskedRun {
  workers: number;
  batchPerWorker: number;
  optimizer: OptimizerName;
  /** E. */
  epochs: number;
  /** The schedule's rates in epochs 1, 2, …, E: at the epoch's start, the lowest and the highest. */
  rates: readonly { start: number; lowest: number; highest: number }[];
  /** The single worker's, if measured: a later run must pass over as many. */
  samplesPerEpoch?: { run: string; samples: number; batch: number } | undefined;
}

/** Relative tolerance within which rates and numbers of steps count as equal. */
const tolerance = 0.01;

/** How a run's workers, batch or optimizer differ from those asked; null when they do not, or were not measured. */
export function otherProcesses(asked: AskedRun, { workers, batchPerWorker, optimizer }: Measured): string | null {
  if (workers !== undefined && workers !== asked.workers) {
    return `${count(asked.workers, 'worker')} ${asked.workers === 1 ? 'was' : 'were'} requested, but the trainer measured ${workers}. Start as many processes as "workers" of run.json says ({workers} in trainer.command), and let them train together`;
  }
  if (batchPerWorker !== undefined && batchPerWorker !== asked.batchPerWorker) {
    return `a batch of ${asked.batchPerWorker} per worker was requested, but the trainer measured ${batchPerWorker}. Take "batchPerWorker" of run.json (Python: run.batch_per_worker), or set batchPerWorker in the study to the trainer's own`;
  }
  if (optimizer !== undefined && optimizer.toLowerCase() !== asked.optimizer) {
    return `the optimizer ${asked.optimizer} was requested, but the trainer measured ${optimizer}. Take "setting.optimizer" of run.json (Python: run.setting.optimizer), or set setting.optimizer in the study to the trainer's own and say in "started" which it can do`;
  }
  return null;
}

/**
 * How an epoch's rates depart by more than 1 % from the schedule; null when they do not. The rates of a whole epoch
 * include its first one, unless steps were left out; a trainer that reports only its `last` rate is only checked to be
 * within the schedule's range.
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
  // A further group is checked only if the trainer gives its scale: nobody else knows its intended rate.
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

/** `whole`: min and max cover a whole epoch, its first rate included. */
function follows(
  { start, lowest, highest }: AskedRun['rates'][number],
  { min, max }: { min: number; max: number },
  whole: boolean,
): boolean {
  const inside = min >= lowest * (1 - tolerance) && max <= highest * (1 + tolerance);
  return inside && (!whole || (min <= start * (1 + tolerance) && max >= start * (1 - tolerance)));
}

/**
 * How many more or fewer samples an epoch of this training passes over than one of the single worker; null when as
 * many, or not measured. Either side may drop or fill up its last batch.
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

/** How the optimizer steps of an epoch differ from the trainer's own steps per epoch; null when they do not. */
export function otherSteps(epoch: number, { steps, stepsPerEpoch }: Measured): string | null {
  if (steps === undefined || stepsPerEpoch === undefined) return null;
  if (Math.abs(steps - stepsPerEpoch) <= tolerance * stepsPerEpoch) return null;
  return `${count(stepsPerEpoch, 'optimizer step')} ${stepsPerEpoch === 1 ? 'is' : 'are'} an epoch of this training, and the trainer measured ${steps} in epoch ${epoch}. Step the optimizer as often as the epoch has steps, or say how often that is`;
}

/** How a training reported as finished falls short of what was asked, or null. `told`: the epochs it reported. */
export function fellShort(
  { epochs }: AskedRun,
  told: readonly { epoch: number }[],
  { steps, stepsPerEpoch }: Measured,
): string | null {
  const numbers = [0, ...told.map(({ epoch }) => epoch)];
  const last = numbers.at(-1)!;
  // A trainer that reports only every fifth epoch may have trained the epochs after its last report.
  const stride = Math.max(1, ...numbers.slice(1).map((epoch, at) => epoch - numbers[at]!));
  if (last > 0 && last + stride <= epochs) {
    return `${count(epochs, 'epoch')} were requested, but the trainer finished after epoch ${last}. Train all "epochs" of run.json (Python: run.epochs), or say in "finished" after which one it stopped by itself ("stoppedAfter"; Python: run.stopped_early)`;
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
