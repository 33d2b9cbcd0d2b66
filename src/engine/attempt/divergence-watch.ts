export interface DivergenceOptions {
  /** Diverged when the loss exceeds this many times the first epoch's. */
  lossFactor: number;
  /** Diverged when the primary metric stays at zero for this many epochs after warmup. */
  zeroEpochs: number;
  warmupEpochs: number;
  /** Name of the primary metric. */
  primary: string;
}

export interface WatchedEpoch {
  epoch: number;
  loss: number | null;
  metrics: Record<string, number> | null;
}

/** Looks at every epoch as it ends; returns why the run diverged, once it has. */
export function divergenceWatch({ lossFactor, zeroEpochs, warmupEpochs, primary }: DivergenceOptions) {
  let firstLoss: number | null = null;
  let zeros = 0;
  return ({ epoch, loss, metrics }: WatchedEpoch): string | null => {
    if (loss !== null) {
      if (!Number.isFinite(loss)) return `the loss became ${loss} in epoch ${epoch}`;
      firstLoss ??= loss;
      if (firstLoss > 0 && loss > lossFactor * firstLoss) {
        return `the loss rose to ${short(loss)} in epoch ${epoch}, more than ${lossFactor} times the first epoch's ${short(firstLoss)}`;
      }
    }
    const value = metrics?.[primary];
    if (value === undefined || epoch <= warmupEpochs) return null;
    zeros = value === 0 ? zeros + 1 : 0;
    return zeros >= zeroEpochs ? `${primary} was 0 for ${zeros} epochs after warmup (until epoch ${epoch})` : null;
  };
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
