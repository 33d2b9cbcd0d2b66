import * as z from 'zod';
import { lrScalings } from '../../schedules/scaling.ts';
import { decayShapes } from '../../schedules/schedule.ts';
import type { ScheduleSpec } from '../../schedules/spec.ts';

const common = { workers: z.int().min(1), epochs: z.int().min(1), initialLr: z.number().positive() };
const warmupEpochs = z.number().min(0);
const decayCoefficient = z.number().min(0);
const steps = { milestones: z.array(z.number().positive()), factor: z.number().positive().max(1) };
const finalLr = z.number().positive();

/** The `schedule` section of `run.json`, policy by policy; docs/schedules.md has the formulas. */
export const scheduleSpec = z.discriminatedUnion('policy', [
  z.object({
    policy: z.literal('greScale'),
    ...common,
    warmupEpochs,
    decayEpochs: z.number().min(0),
    decayCoefficient,
    decayShape: z.enum(decayShapes),
  }),
  z.object({ policy: z.literal('constant'), ...common, scaling: z.enum(lrScalings) }),
  z.object({ policy: z.literal('constantWarmup'), ...common, warmupEpochs }),
  z.object({ policy: z.literal('gradualWarmup'), ...common, warmupEpochs, ...steps }),
  z.object({ policy: z.literal('exponential'), ...common, decayCoefficient }),
  z.object({ policy: z.literal('polynomial'), ...common, power: z.number().positive(), finalLr }),
  z.object({ policy: z.literal('staircase'), ...common, ...steps }),
  z.object({ policy: z.literal('cosine'), ...common, warmupEpochs, finalLr }),
  z.object({
    policy: z.literal('cyclic'),
    ...common,
    maximumLr: z.number().positive(),
    cycleEpochs: z.number().positive(),
  }),
]) satisfies z.ZodType<ScheduleSpec>;
