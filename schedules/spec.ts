import type { DecayShape } from './schedule.ts';

/** A schedule as data: what `run.json` carries and `scheduleFrom` turns into a function. Rates are absolute, epochs count from 0. */
export type ScheduleSpec =
  | GreScaleSpec
  | { policy: 'constant'; workers: number; epochs: number; initialLr: number; scaling: LrScaling }
  | { policy: 'constantWarmup'; workers: number; epochs: number; initialLr: number; warmupEpochs: number }
  | {
      policy: 'gradualWarmup';
      workers: number;
      epochs: number;
      initialLr: number;
      warmupEpochs: number;
      milestones: number[];
      factor: number;
    }
  | { policy: 'exponential'; workers: number; epochs: number; initialLr: number; decayCoefficient: number }
  | { policy: 'polynomial'; workers: number; epochs: number; initialLr: number; power: number }
  | { policy: 'staircase'; workers: number; epochs: number; initialLr: number; milestones: number[]; factor: number }
  | { policy: 'cosine'; workers: number; epochs: number; initialLr: number; warmupEpochs: number; finalLr: number }
  | { policy: 'cyclic'; workers: number; epochs: number; initialLr: number; maximumLr: number; cycleEpochs: number };

/** Thesis §6.3.2: warmup from η to kη, stabilization at kη, decay kη·f(t). */
export interface GreScaleSpec {
  policy: 'greScale';
  workers: number;
  epochs: number;
  initialLr: number;
  warmupEpochs: number;
  decayEpochs: number;
  decayCoefficient: number;
  decayShape: DecayShape;
}

/** How the rate grows with the number of workers k: not, by k (Goyal et al. 2017), or by √k (for Adam-type optimizers). */
export type LrScaling = 'none' | 'linear' | 'squareRoot';

export type PolicyName = ScheduleSpec['policy'];
