import type { ConstantSpec } from './policies/constant.ts';
import type { ConstantWarmupSpec } from './policies/constant-warmup.ts';
import type { CosineSpec } from './policies/cosine.ts';
import type { CyclicSpec } from './policies/cyclic.ts';
import type { ExponentialSpec } from './policies/exponential.ts';
import type { GradualWarmupSpec } from './policies/gradual-warmup.ts';
import type { GreScaleSpec } from './policies/gre-scale.ts';
import type { PolynomialSpec } from './policies/polynomial.ts';
import type { StaircaseSpec } from './policies/staircase.ts';

export type { GreScaleSpec } from './policies/gre-scale.ts';
export type { LrScaling } from './scaling.ts';

/** A schedule as data: `run.json` carries it, `scheduleFrom` makes a function of it. Absolute rates, epochs from 0. */
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
