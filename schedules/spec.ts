import type { ConstantSpec } from './constant.ts';
import type { ConstantWarmupSpec } from './constant-warmup.ts';
import type { CosineSpec } from './cosine.ts';
import type { CyclicSpec } from './cyclic.ts';
import type { ExponentialSpec } from './exponential.ts';
import type { GradualWarmupSpec } from './gradual-warmup.ts';
import type { GreScaleSpec } from './gre-scale.ts';
import type { PolynomialSpec } from './polynomial.ts';
import type { StaircaseSpec } from './staircase.ts';

export type { GreScaleSpec } from './gre-scale.ts';
export type { LrScaling } from './scaling.ts';

/** A schedule as data: what `run.json` carries and `scheduleFrom` turns into a function. Rates are absolute, epochs count from 0. */
export type ScheduleSpec =
  | GreScaleSpec
  | ConstantSpec
  | ConstantWarmupSpec
  | GradualWarmupSpec
  | ExponentialSpec
  | PolynomialSpec
  | StaircaseSpec
  | CosineSpec
  | CyclicSpec;

export type PolicyName = ScheduleSpec['policy'];

export const policyNames = [
  'greScale',
  'constant',
  'constantWarmup',
  'gradualWarmup',
  'exponential',
  'polynomial',
  'staircase',
  'cosine',
  'cyclic',
] as const satisfies readonly PolicyName[];
