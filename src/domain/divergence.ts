/** The state kept between epochs to detect a diverging training. Plain JSON. */
export interface DivergenceWatch {
  /** Loss of the first epoch that reported one; null before. */
  firstLoss: number | null;
  /** s: the size of the losses, see `watchEpoch`; 0 until known. */
  scale: number;
  /** The loss counts as falling when it is below this; null before the first epoch. */
  fallsBelow: number | null;
  /** Number of consecutive evaluated epochs, after warmup, with a primary metric of 0 and a loss that did not fall. */
  zeroEpochs: number;
}

export interface DivergenceOptions {
  /** Diverged when the loss exceeds this many times the first epoch's. */
  lossFactor: number;
  /** Diverged when the primary metric stays at 0, and the loss does not fall, for this many epochs after warmup. */
  zeroEpochs: number;
  warmupEpochs: number;
  /** E: in the last epoch, a metric of 0 is a result and not divergence. */
  epochs: number;
  /** Name of the primary metric; null if lower is better, because 0 is then no breakdown. */
  primary: string | null;
}

export interface WatchedEpoch {
  /** 1-based: the epoch that just ended. */
  epoch: number;
  loss?: number | null | undefined;
  metrics?: Record<string, number> | null | undefined;
}

export const nothingWatched: DivergenceWatch = { firstLoss: null, scale: 0, fallsBelow: null, zeroEpochs: 0 };

/** A smaller relative fall of the loss does not count: the default threshold of PyTorch's `ReduceLROnPlateau`. */
const leastFall = 1e-4;

/**
 * The watch after an epoch, and why the training has diverged, or null. Trainer and engine share this rule:
 *
 * - A loss that is not finite.
 * - A loss above f₁ + (lossFactor − 1) · s, where f₁ is the first epoch's loss and s is the larger of |f₁| (if f₁ is 0,
 *   of the first nonzero loss) and the furthest that the loss has fallen below f₁. If losses stay positive, s = f₁ and
 *   the limit is `lossFactor` times the first loss. The rule works for losses of any sign and in any unit.
 * - A primary metric of 0 while the loss does not fall, for `zeroEpochs` epochs in a row. Applies only before the last
 *   epoch and where a loss is reported. An epoch without the metric neither breaks the row nor extends it.
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

/** Why a loss, of an epoch or of a single step, is divergence by itself; null for a finite loss. */
export function notFinite(loss: number, epoch: number): string | null {
  return Number.isFinite(loss) ? null : `the loss became ${loss} in epoch ${epoch}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
