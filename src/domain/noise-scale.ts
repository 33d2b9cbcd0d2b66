/**
 * The gradient noise of some training steps: the trace of the covariance of one sample's gradient, and the squared norm of the true
 * gradient; unbiased estimates, means over the steps (McCandlish et al. 2018, appendix A.1). Plain JSON.
 */
export interface GradientNoise {
  /** tr(Σ); estimates of a small sum may be below 0. */
  trace: number;
  /** |G|². */
  squaredNorm: number;
}

/** What k workers show in one step: the mean of their gradients' squared norms, or that of one of them, and the squared norm of their mean. */
export interface StepSquares {
  workers: number;
  mean: number;
}

/** The batch size at which noise and signal of a step are equal: tr(Σ) / |G|², in samples. Null where the estimates give none. */
export function noiseScale({ trace, squaredNorm }: GradientNoise): number | null {
  return trace > 0 && squaredNorm > 0 ? trace / squaredNorm : null;
}

/**
 * Both sums over the steps of an epoch, each by itself: the quotient of means is far less biased than a mean of quotients. k ≥ 2
 * workers with b samples each.
 */
export function noiseOfSteps({ workers, batchPerWorker }: { workers: number; batchPerWorker: number }) {
  let steps = 0;
  let [ofWorkers, ofMean] = [0, 0];
  return {
    add(squares: StepSquares): void {
      steps += 1;
      ofWorkers += squares.workers;
      ofMean += squares.mean;
    },
    /** Null before the first step, and where a gradient was not finite. */
    mean(): GradientNoise | null {
      const noise = noiseOf({ workers: ofWorkers / steps, mean: ofMean / steps }, { workers, batchPerWorker });
      return Number.isFinite(noise.trace) && Number.isFinite(noise.squaredNorm) ? noise : null;
    },
  };
}

/** A batch of b has the expected squared norm |G|² + tr(Σ)/b; two batch sizes, b and k·b, give both. */
export function noiseOf(
  squares: StepSquares,
  { workers, batchPerWorker }: { workers: number; batchPerWorker: number },
): GradientNoise {
  const squaredNorm = (workers * squares.mean - squares.workers) / (workers - 1);
  const trace = ((squares.workers - squares.mean) * batchPerWorker * workers) / (workers - 1);
  return { trace, squaredNorm };
}

/** Σ x², in double precision. */
export function squaredNorm(values: Float32Array, from = 0, to = values.length): number {
  let sum = 0;
  for (let index = from; index < to; index++) sum += values[index]! * values[index]!;
  return sum;
}
