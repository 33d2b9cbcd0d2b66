import { describe, expect, it } from 'vitest';
import { noiseOf, noiseOfSteps, noiseScale, squaredNorm } from '../../src/domain/noise-scale.ts';
import { normalNumber, randomFor } from '../../src/imgmed/random.ts';

/** f(w) = E ½|w − x|² with x of mean μ and variance σ² in each of d places: G = w − μ, tr(Σ) = d·σ². */
const [d, sigma, distance] = [20, 0.7, 0.9];
const [trace, squared] = [d * sigma ** 2, d * distance ** 2];

describe('the gradient noise scale', () => {
  it.each([
    { workers: 2, batchPerWorker: 1 },
    { workers: 4, batchPerWorker: 3 },
    { workers: 18, batchPerWorker: 1 },
  ])('is that of a problem with a closed form, whatever the workers ($workers, $batchPerWorker each)', (counts) => {
    const { workers, batchPerWorker } = counts;
    const random = randomFor('noise');
    const noise = noiseOfSteps(counts);
    for (let step = 0; step < 20_000 / workers; step += 1) {
      const gradients = Array.from({ length: workers }, () =>
        Float32Array.from({ length: d }, () => distance + (sigma * normalNumber(random)) / Math.sqrt(batchPerWorker)),
      );
      const mean = Float32Array.from(
        { length: d },
        (_, index) => gradients.reduce((sum, gradient) => sum + gradient[index]!, 0) / workers,
      );
      const squares = gradients.map((gradient) => squaredNorm(gradient));
      noise.add({ workers: squares.reduce((sum, value) => sum + value, 0) / workers, mean: squaredNorm(mean) });
    }
    const measured = noise.mean()!;
    expect(measured.trace / trace).toBeCloseTo(1, 1);
    expect(measured.squaredNorm / squared).toBeCloseTo(1, 1);
    expect(noiseScale(measured)! / (trace / squared)).toBeCloseTo(1, 1);
  });

  it('gives back what two batch sizes are expected to show', () => {
    const expected = (batch: number) => squared + trace / batch;
    const noise = noiseOf({ workers: expected(3), mean: expected(12) }, { workers: 4, batchPerWorker: 3 });
    expect(noise.trace).toBeCloseTo(trace);
    expect(noise.squaredNorm).toBeCloseTo(squared);
  });

  it('is none where the estimates give none, and no epoch has one with a gradient that is not finite', () => {
    expect(noiseScale({ trace: 3, squaredNorm: -0.1 })).toBeNull();
    expect(noiseScale({ trace: -1, squaredNorm: 2 })).toBeNull();
    const noise = noiseOfSteps({ workers: 2, batchPerWorker: 1 });
    expect(noise.mean()).toBeNull();
    noise.add({ workers: Number.POSITIVE_INFINITY, mean: 1 });
    expect(noise.mean()).toBeNull();
  });
});
