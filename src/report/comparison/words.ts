import type { ComparePolicy } from '../../config/sections/compare.ts';

/** A policy as the figure's legend names it. */
export const policyText: Record<ComparePolicy | 'baseline', string> = {
  baseline: 'baseline, 1 worker',
  constant: 'linear scaling, constant',
  linear: 'linear scaling, no warmup',
  gradualWarmup: 'gradual warmup',
  squareRoot: 'square-root scaling, constant',
  lars: 'LARS',
  greScale: 'GreScale, defaults',
  guideline: 'GreScale with guideline',
  confirmed: 'confirmed by autopilot scale',
};
