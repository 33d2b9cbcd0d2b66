/** How the rate grows with the workers k: not at all, by k (Goyal et al. 2017), or by √k (for Adam-like optimizers). */
export const lrScalings = ['none', 'linear', 'squareRoot'] as const;
export type LrScaling = (typeof lrScalings)[number];

/** η, kη or √k·η. */
export function scaledLr(initialLr: number, workers: number, scaling: LrScaling): number {
  if (scaling === 'linear') return workers * initialLr;
  return scaling === 'squareRoot' ? Math.sqrt(workers) * initialLr : initialLr;
}
