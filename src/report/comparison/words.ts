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

/** A policy's schedule on k workers, where η is the initial rate of one worker. */
export const policyMeaning: Record<ComparePolicy, string> = {
  constant: 'kη from the first step to the last, no warmup',
  linear: 'kη without warmup, divided by ten at 30, 60 and 80 % of the epochs',
  gradualWarmup: 'the same after a gradual warmup (Goyal et al. 2017)',
  squareRoot: '√k·η, constant',
  lars: 'LARS (You, Gitman and Ginsburg 2017) with gradual warmup',
  greScale: 'GreScale (Guedria 2020): warmup to kη, stabilization, decay, with the config’s setting',
  guideline: 'GreScale with the setting that a separate study found for each number of workers',
  confirmed: 'the setting that was confirmed for each number of workers, trained again with new seeds',
};
