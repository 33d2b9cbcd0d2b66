import type { Guideline, GuidelineAction } from '../../../src/domain/guideline.ts';

const tuneRate: GuidelineAction = { action: 'tuneInitialLr', factor: 0.5, minimum: 1e-6, maximum: 100 };

const longer: GuidelineAction = {
  action: 'extendTraining',
  factor: 1.5,
  maximum: 3,
  warmup: 'keep',
  decay: 'scale',
};

/** One worker's rate of 0.001 is the authors' default (Kingma & Ba 2015); the search starts there, in factors of 3. */
const adam: GuidelineAction = {
  action: 'changeOptimizer',
  optimizers: [{ optimizer: 'adam', initialLr: 0.001, scaling: 'squareRoot' }],
  rate: { factor: 3, steps: 5 },
  epochs: 'study',
};

/**
 * An answer soon, then a better one, like an anytime algorithm (Dean & Boddy 1988). It tunes the rate in both
 * directions, at full speed; trains longer, which gives k workers the steps they lack; tries Adam with a rate of its
 * own, and longer with it; tunes rate and length of the best setting by then; adds warmup; does all of it once more from
 * the best setting, then from the second best. Once a setting is confirmed, it looks for a faster one. Order and numbers
 * were chosen on invented tasks, Adam's longer training on the recorded U-Net (docs/guideline-benchmark.md).
 */
export const anytimeGuideline: Guideline = {
  name: 'anytime',
  threshold: 12,
  startFrom: 'best',
  comparing: { confidence: 0.8, runs: 3, promise: 0.3, validations: 3, baselineGrowth: 3, validatingAtOnce: 2 },
  rounds: 2,
  actions: [
    tuneRate,
    longer,
    adam,
    { ...longer, from: 'newOptimizer' },
    tuneRate,
    longer,
    { action: 'increaseWarmup', epochs: 5, maximum: 1000 },
  ],
  forSpeed: [adam, { action: 'shortenTraining', factor: 0.8, minimum: 1, warmup: 'keep', decay: 'scale' }],
};
