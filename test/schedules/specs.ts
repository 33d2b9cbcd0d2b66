import fc from 'fast-check';
import { decayShapes, type GreScaleSpec, lrScalings, type ScheduleSpec } from '../../schedules/index.ts';

const workers = fc.integer({ min: 1, max: 64 });
const epochs = fc.integer({ min: 1, max: 120 });
const initialLr = fc.double({ min: 1e-6, max: 10, noNaN: true });
const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const common = fc.record({ workers, epochs, initialLr });

/** Any GreScale schedule: whole and fractional phases, none at all, and all of the training. */
export const anyGreScale: fc.Arbitrary<GreScaleSpec> = fc
  .record({
    common,
    warmup: fraction,
    decay: fraction,
    whole: fc.boolean(),
    decayCoefficient: fc.double({ min: 0, max: 20, noNaN: true }),
    decayShape: fc.constantFrom(...decayShapes),
  })
  .map(({ common: { epochs: total, ...rest }, warmup, decay, whole, decayCoefficient, decayShape }) => {
    // Where a phase is shorter than that, doubles near `total` cannot tell its beginning from its end.
    const round = whole ? Math.floor : (value: number) => (value < 1e-9 ? 0 : value);
    const warmupEpochs = round(warmup * total);
    const decayEpochs = Math.min(round(decay * (total - warmupEpochs)), round(total - warmupEpochs));
    return {
      policy: 'greScale' as const,
      epochs: total,
      ...rest,
      warmupEpochs,
      decayEpochs,
      decayCoefficient,
      decayShape,
    };
  })
  .filter((spec) => spec.warmupEpochs + spec.decayEpochs <= spec.epochs);

/** Any schedule of any policy. */
export const anySpec: fc.Arbitrary<ScheduleSpec> = fc.oneof(
  anyGreScale,
  fc.tuple(common, fraction, fraction, fc.constantFrom(...lrScalings)).chain(([base, part, size, scaling]) => {
    const peak = base.workers * base.initialLr;
    const warmupEpochs = part * base.epochs;
    const milestones = [0.5, 0.75].map((share) => warmupEpochs + share * (base.epochs - warmupEpochs));
    const rising = milestones.filter((milestone, index) => milestone > (milestones[index - 1] ?? 0));
    const factor = 0.05 + 0.95 * size;
    const finalLr = peak * (0.001 + 0.999 * size);
    return fc.constantFrom<ScheduleSpec>(
      { policy: 'constant', ...base, scaling },
      { policy: 'constantWarmup', ...base, warmupEpochs },
      { policy: 'gradualWarmup', ...base, warmupEpochs, milestones: rising, factor },
      { policy: 'exponential', ...base, decayCoefficient: 20 * size },
      { policy: 'polynomial', ...base, power: 0.5 + 3 * size, finalLr },
      { policy: 'staircase', ...base, milestones: rising, factor },
      { policy: 'cosine', ...base, warmupEpochs, finalLr },
      { policy: 'cyclic', ...base, maximumLr: peak, cycleEpochs: 0.5 + part * base.epochs },
    );
  }),
);

/** A place in a training, as a fraction of it: 0 and 1 included. */
export const anyPlace = fc.oneof(fraction, fc.constantFrom(0, 1));
