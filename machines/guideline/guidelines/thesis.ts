import type { Guideline } from '../../../src/domain/guideline.ts';

/** Thesis §6.3.3: its five actions in its order. It asks for "fixed small steps" and gives none; these are ours. */
export const thesisGuideline: Guideline = {
  name: 'thesis',
  threshold: 12,
  startFrom: 'best',
  actions: [
    { action: 'decreaseInitialLr', factor: 0.5, minimum: 1e-6 },
    { action: 'increaseDecayCoefficient', factor: 1.5, maximum: 20 },
    { action: 'increaseWarmup', epochs: 5, maximum: 1000 },
    { action: 'extendDecay', epochs: 5, maximum: 1000 },
    // Two entries, so that Adam is tried even if momentum did not help. Momentum 0.9 sums ten gradients, hence the
    // factor; Adam's rate has a scale of its own, and 0.001 is its authors' default (Kingma & Ba 2015).
    { action: 'changeOptimizer', optimizers: [{ optimizer: 'momentum', initialLrFactor: 0.1 }] },
    { action: 'changeOptimizer', optimizers: [{ optimizer: 'adam', initialLr: 0.001 }] },
  ],
};
