import { scheduleFrom } from './schedule-from.ts';
import type { ScheduleSpec } from './spec.ts';

/** The rates of one epoch: at its start, and the lowest and the highest until its end. */
export interface RateRange {
  start: number;
  lowest: number;
  highest: number;
}

/** Looks at the schedule per epoch: fine enough for the peaks of a cyclic one. */
const looks = 1024;

/** What the schedule says over epoch 1, 2, …, E, from its start to its end: length E. */
export function rangePerEpoch(spec: ScheduleSpec): RateRange[] {
  const schedule = scheduleFrom(spec);
  return Array.from({ length: spec.epochs }, (_, epoch) => {
    let [lowest, highest] = [Number.POSITIVE_INFINITY, 0];
    for (let look = 0; look <= looks; look++) {
      const rate = schedule(epoch + look / looks);
      lowest = Math.min(lowest, rate);
      highest = Math.max(highest, rate);
    }
    return { start: schedule(epoch), lowest, highest };
  });
}
