import type { Schedule } from './schedule.ts';
import { scheduleFrom } from './schedule-from.ts';
import type { ScheduleSpec } from './spec.ts';

/** The rates at the start of epoch 0, 1, …, E: length E + 1. */
export function lrPerEpoch(spec: ScheduleSpec): number[] {
  const schedule = scheduleFrom(spec);
  return Array.from({ length: spec.epochs + 1 }, (_, epoch) => schedule(epoch));
}

/** The schedule by step: step s, counted from 0 over the whole training, is epoch s / stepsPerEpoch. */
export function perStep(schedule: Schedule, stepsPerEpoch: number): (step: number) => number {
  if (!(Number.isSafeInteger(stepsPerEpoch) && stepsPerEpoch >= 1)) {
    throw new RangeError(`schedule: stepsPerEpoch is ${stepsPerEpoch}; give a whole number from 1.`);
  }
  return (step) => schedule(step / stepsPerEpoch);
}
