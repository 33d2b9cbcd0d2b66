import type { Schedule } from './schedule.ts';
import { scheduleFrom } from './schedule-from.ts';
import type { PolicyName, ScheduleSpec } from './spec.ts';

type Policy<Name extends PolicyName> = (spec: Extract<ScheduleSpec, { policy: Name }>) => Schedule;

// Each policy by its name, for callers who know which one they want: `scheduleFrom`, typed for that policy only.
export const constant: Policy<'constant'> = scheduleFrom;
export const constantWarmup: Policy<'constantWarmup'> = scheduleFrom;
export const cosine: Policy<'cosine'> = scheduleFrom;
export const cyclic: Policy<'cyclic'> = scheduleFrom;
export const exponential: Policy<'exponential'> = scheduleFrom;
export const gradualWarmup: Policy<'gradualWarmup'> = scheduleFrom;
export const greScale: Policy<'greScale'> = scheduleFrom;
export const polynomial: Policy<'polynomial'> = scheduleFrom;
export const staircase: Policy<'staircase'> = scheduleFrom;
