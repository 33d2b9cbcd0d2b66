export interface RampOptions {
  /** Rate at epoch 0. */
  from: number;
  /** Rate at `epochs` and never above it. */
  to: number;
  /** W > 0. */
  epochs: number;
}

/** Gradual warmup (Goyal et al. 2017 §2.2): a straight line `from + (to − from)·e/W`, for 0 ≤ e ≤ W. */
export function ramp({ from, to, epochs }: RampOptions): (epoch: number) => number {
  const rise = to - from;
  // The sum may round to one unit above `to` just before the end.
  return (epoch) => Math.min(to, from + rise * (epoch / epochs));
}
