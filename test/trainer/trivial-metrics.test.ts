import { describe, expect, it } from 'vitest';
import type { OpenMetric } from '../../src/trainer/components/metric.ts';
import type { Split } from '../../src/trainer/data/dataset.ts';
import { trivialMetrics } from '../../src/trainer/trivial-metrics.ts';

const shape = { height: 1, width: 5, channels: 1, classes: ['background', 'liver', 'tumour'] };
const splitOf = (labels: number[], count: number): Split => ({
  count,
  images: new Float32Array(0),
  labels: Uint8Array.from(labels),
  cases: Array.from({ length: count }, (_, index) => String(index)),
});

/** Two slices: six pixels of background, three of liver, one of tumour. */
const slices = splitOf([0, 0, 0, 1, 1, 0, 0, 0, 1, 2], 2);

describe('what a predictor that learned nothing reaches', () => {
  it('is the best of the constant masks, metric by metric', () => {
    const { dice, ...background } = trivialMetrics(shape, slices);
    // Liver everywhere: Dice 2·3 / (3 + 10) of the liver and 0 of the tumour.
    expect(dice).toBeCloseTo(3 / 13, 12);
    // An empty mask: six of ten pixels, one of three classes; IoU 6/10 and Dice 12/16 of the background.
    expect(background).toEqual({
      meanDice: 0.75 / 3,
      pixelAccuracy: 0.6,
      meanAccuracy: 1 / 3,
      meanIoU: expect.closeTo(0.6 / 3, 12),
      frequencyWeightedIoU: expect.closeTo(0.6 * 0.6, 12),
    });
  });

  it('is the share of the largest class for the accuracy of a classification', () => {
    const images = splitOf([2, 2, 0, 1, 2], 5);
    expect(trivialMetrics({ ...shape, task: 'classification' }, images)).toEqual({
      accuracy: 0.6,
      macroF1: 0.75 / 3,
      balancedAccuracy: 1 / 3,
    });
  });

  it('is the smallest value of a metric of which less is better, and unknown where a name does not say', () => {
    const pixelsOff = (name: string): OpenMetric => ({
      name,
      counts: 2,
      count: (reference, predicted) => [
        reference.filter((label) => label > 0).length,
        predicted.filter((label) => label > 0).length,
      ],
      value: ([reference = 0, predicted = 0]) => Math.abs(predicted - reference) / reference,
    });
    // Four pixels of foreground: an empty mask is off by four of them, a full one by six.
    expect(trivialMetrics(shape, slices, [pixelsOff('volumeError')]).volumeError).toBe(1);
    expect(trivialMetrics(shape, slices, [pixelsOff('lesionsOff')]).lesionsOff).toBeUndefined();
  });

  it('says nothing of the Dice of slices that show no foreground and of a mask that finds none', () => {
    expect(trivialMetrics(shape, splitOf([0, 0, 0, 0, 0], 1)).dice).toBe(0);
    expect(trivialMetrics({ ...shape, classes: ['background'] }, splitOf([0, 0], 1)).dice).toBeUndefined();
  });
});
