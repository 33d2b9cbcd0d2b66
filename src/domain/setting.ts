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
  /** E: epochs of a run, a whole number ≥ 1. Left out in settings that earlier versions stored: the study's. */
  epochs?: number | undefined;
}

/** E of a run with this setting in a study whose runs have `ofStudy` epochs. */
export function epochsOf({ epochs }: Pick<Setting, 'epochs'>, ofStudy: number): number {
  return epochs ?? ofStudy;
}

/** The setting with its epochs filled in. */
export function withEpochs(setting: Setting, ofStudy: number): Setting & { epochs: number } {
  return { ...setting, epochs: epochsOf(setting, ofStudy) };
}

/**
 * What is left of k workers' speed-up k if they train E_k epochs and one worker trains E₁: k · E₁ / E_k. It counts only
 * samples; the real speed-up follows from the hours that a study measures.
 */
export function speedUpKept({
  workers,
  epochs,
  ofStudy,
}: {
  workers: number;
  epochs: number;
  ofStudy: number;
}): number {
  return (workers * ofStudy) / epochs;
}
