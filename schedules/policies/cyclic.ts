import { checkPositive, fail } from '../check.ts';
import type { Schedule } from '../schedule.ts';

/**
 * Cyclic learning rates (Smith 2017, `triangular`): from η up to maximumLr and back, once per cycle.
 * Both rates are absolute; maximumLr = kη is the counterpart of linear scaling.
 */
export interface CyclicSpec {
  policy: 'cyclic';
  workers: number;
  epochs: number;
  initialLr: number;
  /** ≥ initialLr. */
  maximumLr: number;
  /** Epochs of one whole cycle, up and down, > 0. */
  cycleEpochs: number;
}

export function cyclic(spec: CyclicSpec): Schedule {
  const { policy, initialLr, maximumLr, cycleEpochs } = spec;
  checkPositive(policy, 'maximumLr', maximumLr);
  checkPositive(policy, 'cycleEpochs', cycleEpochs);
  if (maximumLr < initialLr) fail(policy, 'maximumLr', maximumLr, `give at least initialLr, ${initialLr}`);
  return (epoch) => {
    const turn = (epoch % cycleEpochs) / cycleEpochs;
    return initialLr + (maximumLr - initialLr) * (1 - Math.abs(2 * turn - 1));
  };
}
