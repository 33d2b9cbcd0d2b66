/** Optimizers by their common names; `lars` is You et al. 2017 (thesis §6.2.4); `custom` is the study's own module. */
export const optimizerNames = ['sgd', 'momentum', 'adam', 'lars', 'custom'] as const;
export type OptimizerName = (typeof optimizerNames)[number];

/** What the guideline may change between two iterations (thesis §6.3.3). Plain JSON. */
export interface Setting {
  /** η: the learning rate of ONE worker, > 0. The schedule's peak is workers · initialLr. */
  initialLr: number;
  /** c ≥ 0: how steep the decay phase is; exp(−c·t) by default. */
  decayCoefficient: number;
  /** W: epochs of warmup, ≥ 0. */
  warmupEpochs: number;
  /** D: epochs of decay, ≥ 0, with W + D ≤ E. */
  decayEpochs: number;
  optimizer: OptimizerName;
}
