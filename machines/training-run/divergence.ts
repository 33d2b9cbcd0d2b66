import type { TrainingRunInput } from './input.ts';

/** What has to be remembered between two epochs to see a run diverge. */
export interface DivergenceWatch {
  /** Loss of the first epoch that reported one. */
  firstLoss: number | null;
  /** Epochs in a row, after warmup, whose primary metric was zero. */
  zeroEpochs: number;
}

export interface EpochReport {
  /** 1-based: the epoch that just ended. */
  epoch: number;
  loss?: number | undefined;
  metrics?: Record<string, number> | undefined;
}

/** The watch after an epoch, and why the run counts as diverged, or null. */
export function watchEpoch(
  watch: DivergenceWatch,
  { epoch, loss, metrics }: EpochReport,
  { divergence, primaryMetric, warmupEpochs }: Pick<TrainingRunInput, 'divergence' | 'primaryMetric' | 'warmupEpochs'>,
): { watch: DivergenceWatch; reason: string | null } {
  const { lossFactor, zeroEpochs } = divergence;
  if (loss !== undefined && !Number.isFinite(loss)) {
    return { watch, reason: `loss ${loss} is not finite in epoch ${epoch}` };
  }
  const firstLoss = watch.firstLoss ?? loss ?? null;
  const primary = metrics?.[primaryMetric];
  // An epoch that does not evaluate neither breaks the row nor lengthens it.
  const counted =
    primary === undefined ? watch.zeroEpochs : primary === 0 && epoch > warmupEpochs ? watch.zeroEpochs + 1 : 0;
  const next = { firstLoss, zeroEpochs: counted };
  if (firstLoss !== null && firstLoss > 0 && loss !== undefined && loss > lossFactor * firstLoss) {
    return {
      watch: next,
      reason: `loss ${loss} in epoch ${epoch} is over ${lossFactor} times the first epoch's ${firstLoss}`,
    };
  }
  if (counted >= zeroEpochs) {
    return { watch: next, reason: `${primaryMetric} is zero for ${counted} epochs after warmup (epoch ${epoch})` };
  }
  return { watch: next, reason: null };
}
