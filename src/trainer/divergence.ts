import type { TrainingProgress } from './checkpoint-file.ts';

export interface DivergenceOptions {
  /** Diverged when an epoch's mean loss exceeds this many times the first epoch's. */
  lossFactor: number;
  /** Diverged when the primary metric stays at zero for this many epochs after warmup. */
  zeroEpochs: number;
  warmupEpochs: number;
  primary: string;
}

/** Why training diverged in the epoch (1-based) that just ended, or null. Updates the loop's numbers. */
export function divergenceOf(
  progress: TrainingProgress,
  { epoch, loss, metrics }: { epoch: number; loss: number; metrics: Record<string, number> },
  { lossFactor, zeroEpochs, warmupEpochs, primary }: DivergenceOptions,
): string | null {
  if (!Number.isFinite(loss)) return `the loss became ${loss} in epoch ${epoch}`;
  progress.firstLoss ??= loss;
  if (loss > lossFactor * progress.firstLoss) {
    return `the loss rose to ${loss.toPrecision(3)} in epoch ${epoch}, more than ${lossFactor} times the first epoch's ${progress.firstLoss.toPrecision(3)}`;
  }
  progress.zeroEpochs = epoch > warmupEpochs && metrics[primary] === 0 ? progress.zeroEpochs + 1 : 0;
  return progress.zeroEpochs >= zeroEpochs ? `${primary} was 0 for ${zeroEpochs} epochs after warmup` : null;
}
