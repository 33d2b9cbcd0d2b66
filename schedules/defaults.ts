/** W: the warmup of Goyal et al. 2017, which the thesis starts from (§6.3.2). */
export const defaultWarmupEpochs = 5;

/** c: the rate ends at kη·exp(−3), a twentieth of its peak. Our choice; the thesis gives no number. */
export const defaultDecayCoefficient = 3;

/** D: 3/7 of the epochs after warmup, rounded (thesis §6.3.2); stabilization takes the other 4/7. */
export function defaultDecayEpochs(epochs: number, warmupEpochs = defaultWarmupEpochs): number {
  return Math.max(0, Math.round((3 * (epochs - warmupEpochs)) / 7));
}

/** Goyal et al. 2017 lower the rate at epochs 30, 60 and 80 of 90; here at 30, 60 and 80 % of any training. */
export function defaultMilestones(epochs: number): number[] {
  return [0.3, 0.6, 0.8].map((fraction) => fraction * epochs);
}
