/**
 * The gradient noise of some training steps: the trace of the covariance of one sample's gradient, and the squared norm
 * of the true gradient. Both are unbiased estimates, averaged over the steps (McCandlish et al. 2018, appendix A.1).
 * Plain JSON.
 */
export interface GradientNoise {
  /** tr(Σ); an estimate of a small value may be negative. */
  trace: number;
  /** |G|². */
  squaredNorm: number;
}

/**
 * From k workers in one step: the mean of their gradients' squared norms (or one worker's), and the squared norm of
 * their mean gradient.
 */
export interface StepSquares {
  workers: number;
  mean: number;
}

/** The batch in samples at which a step's noise and signal are equal: tr(Σ) / |G|². Null unless both are positive. */
export function noiseScale({ trace, squaredNorm }: GradientNoise): number | null {
  return trace > 0 && squaredNorm > 0 ? trace / squaredNorm : null;
}

/**
 * Averages both squares separately over the steps of an epoch: the quotient of means is far less biased than a mean of
 * quotients. k ≥ 2 workers with b samples each.
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
    /** Null before the first step, and if a gradient was not finite. */
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
