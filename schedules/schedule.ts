/**
 * A learning-rate schedule: the rate at fractional epoch `e = step / stepsPerEpoch`, 0 ≤ e ≤ epochs.
 * Pure and stateless, so resuming is calling it with the saved step.
 */
export type Schedule = (epoch: number) => number;

/** GreScale's three phases (thesis §6.3.2); other policies may lack some. */
export type Phase = 'warmup' | 'stabilization' | 'decay';

export const decayShapes = ['exponential', 'linear', 'inverse', 'polynomial'] as const;
export type DecayShape = (typeof decayShapes)[number];
