import type { Guideline } from '../../../src/domain/guideline.ts';

/** The thesis's actions with the strongest one of our own study first: the optimizer. */
export const optimizerFirstGuideline: Guideline = {
  name: 'optimizerFirst',
  threshold: 12,
  startFrom: 'best',
  actions: [
    {
      action: 'changeOptimizer',
      optimizers: [
        { optimizer: 'adam', initialLr: 0.001 },
        { optimizer: 'momentum', initialLrFactor: 0.1 },
      ],
    },
    { action: 'decreaseInitialLr', factor: 0.5, minimum: 1e-6 },
    { action: 'increaseWarmup', epochs: 5, maximum: 1000 },
    { action: 'increaseDecayCoefficient', factor: 1.5, maximum: 20 },
    { action: 'extendDecay', epochs: 5, maximum: 1000 },
  ],
};
