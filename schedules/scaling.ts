/** How the rate grows with the number of workers k: not, by k (Goyal et al. 2017), or by √k (for Adam-type optimizers). */
export const lrScalings = ['none', 'linear', 'squareRoot'] as const;
export type LrScaling = (typeof lrScalings)[number];

/** η, kη or √k·η. */
export function scaledLr(initialLr: number, workers: number, scaling: LrScaling): number {
  if (scaling === 'linear') return workers * initialLr;
  return scaling === 'squareRoot' ? Math.sqrt(workers) * initialLr : initialLr;
}
