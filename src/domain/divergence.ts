/** What has to be remembered between two epochs to see a training diverge. Plain JSON. */
export interface DivergenceWatch {
  /** Of the first epoch that reported one; null before. */
  firstLoss: number | null;
  /** s: how large the losses are, see `watchEpoch`; 0 before it is known. */
  scale: number;
  /** What the loss has to come below to count as falling; null before the first epoch. */
  fallsBelow: number | null;
  /** Evaluated epochs in a row, after warmup, with a primary metric of 0 and a loss that did not fall. */
  zeroEpochs: number;
}

export interface DivergenceOptions {
  /** Diverged when the loss exceeds this many times the first epoch's. */
  lossFactor: number;
  /** Diverged when the primary metric stays at 0, and the loss does not fall, for this many epochs after warmup. */
  zeroEpochs: number;
  warmupEpochs: number;
  /** E: a metric that is 0 to the end is a result. */
  epochs: number;
  /** Name of the primary metric; null where less of it is better, for then 0 is no breakdown. */
  primary: string | null;
}

export interface WatchedEpoch {
  /** 1-based: the epoch that just ended. */
  epoch: number;
  loss?: number | null | undefined;
  metrics?: Record<string, number> | null | undefined;
}

export const nothingWatched: DivergenceWatch = { firstLoss: null, scale: 0, fallsBelow: null, zeroEpochs: 0 };

/** A fall of less than this part of the loss is none: the default threshold of PyTorch's `ReduceLROnPlateau`. */
const leastFall = 1e-4;

/**
 * The watch after an epoch, and why the training has diverged, or null. The one rule for trainer and engine:
 *
 * - A loss that is not finite.
 * - A loss above f₁ + (lossFactor − 1) · s, where f₁ is the first epoch's and s its size |f₁| or how far the loss has come
 *   below it, whichever is larger; where f₁ is 0, the size of the first other one. Losses that stay positive have
 *   s = f₁, so this is `lossFactor` times the first. It holds for losses of any sign and does not depend on their unit.
 * - A primary metric of 0 with a loss that comes no lower either. Before the last epoch only, and only where a loss is
 *   reported. An epoch without the metric neither breaks the row nor lengthens it.
 */
export function watchEpoch(
  watch: DivergenceWatch,
  { epoch, loss, metrics }: WatchedEpoch,
  { lossFactor, zeroEpochs, warmupEpochs, epochs, primary }: DivergenceOptions,
): { watch: DivergenceWatch; reason: string | null } {
  const value = primary === null ? undefined : metrics?.[primary];
  const zero = value === 0 && epoch > warmupEpochs;
  const breaksRow = value !== undefined && !zero;
  if (loss == null) return { watch: breaksRow ? { ...watch, zeroEpochs: 0 } : watch, reason: null };
  if (!Number.isFinite(loss)) return { watch, reason: notFinite(loss, epoch) };

  const { scale } = watch;
  const firstLoss = watch.firstLoss ?? loss;
  const fell = watch.fallsBelow === null || loss < watch.fallsBelow;
  const next: DivergenceWatch = {
    firstLoss,
    scale: Math.max(scale || Math.abs(loss), firstLoss - loss),
    fallsBelow: breaksRow || fell ? loss - leastFall * Math.abs(loss) : watch.fallsBelow,
    zeroEpochs: breaksRow || fell ? 0 : watch.zeroEpochs + (zero ? 1 : 0),
  };
  let reason: string | null = null;
  if (scale > 0 && loss > firstLoss - scale + lossFactor * scale) {
    const limit =
      scale === firstLoss
        ? `more than ${lossFactor} times the first epoch's ${short(firstLoss)}`
        : `more than ${short(lossFactor - 1)} times ${short(scale)} above the first epoch's ${short(firstLoss)}`;
    reason = `the loss rose to ${short(loss)} in epoch ${epoch}, ${limit}`;
  } else if (next.zeroEpochs >= zeroEpochs && epoch < epochs) {
    reason = `${primary} was 0 for ${next.zeroEpochs} epochs after warmup, and the loss did not fall (until epoch ${epoch})`;
  }
  return { watch: next, reason };
}

/** Why a loss, of an epoch or of a single step, is divergence by itself. */
export function notFinite(loss: number, epoch: number): string | null {
  return Number.isFinite(loss) ? null : `the loss became ${loss} in epoch ${epoch}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
