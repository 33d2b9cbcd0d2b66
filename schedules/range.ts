import { scheduleFrom } from './schedule-from.ts';
import type { ScheduleSpec } from './spec.ts';

/** The rates of one epoch: at its start, its lowest and its highest. */
export interface RateRange {
  start: number;
  lowest: number;
  highest: number;
}

/** Samples of the schedule per epoch: fine enough for the peaks of a cyclic one. */
const looks = 1024;

/** The schedule's rates over epoch 1, 2, …, E, each from its start to its end: length E. */
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
