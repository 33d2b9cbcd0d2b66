import type { Schedule } from './schedule.ts';

/**
 * Guards a schedule's domain: after the last epoch the last rate is held (a trainer may take a few steps more than
 * planned), before the first there is none, so a negative or NaN epoch throws.
 */
export function within(epochs: number, rate: Schedule): Schedule {
  return (epoch) => {
    if (!(epoch >= 0)) throw new RangeError(`schedule: epoch is ${epoch}; give a number from 0 to ${epochs}.`);
    return rate(Math.min(epoch, epochs));
  };
}
