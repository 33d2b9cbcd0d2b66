import type { Guideline } from '../../../src/domain/guideline.ts';

/**
 * The order in which the Deep Learning Tuning Playbook (Godbole et al. 2023) treats instability: warmup first, another
 * optimizer next, a lower rate as the last resort; in between, its remedies for late noise: a steeper and a
 * longer decay.
 */
export const playbookGuideline: Guideline = {
  name: 'playbook',
  threshold: 12,
  startFrom: 'best',
  actions: [
    { action: 'increaseWarmup', epochs: 5, maximum: 1000 },
    { action: 'changeOptimizer', optimizers: [{ optimizer: 'adam', initialLr: 0.001 }] },
    { action: 'increaseDecayCoefficient', factor: 1.5, maximum: 20 },
    { action: 'extendDecay', epochs: 5, maximum: 1000 },
    { action: 'decreaseInitialLr', factor: 0.5, minimum: 1e-6 },
  ],
};
