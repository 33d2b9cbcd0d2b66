import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confusionMatrix, countPixels } from '../../src/segeval/confusion-matrix.ts';
import { type OverlapMetrics, overlapMetrics } from '../../src/segeval/overlap-metrics.ts';

interface FixtureCase {
  classes: number;
  reference: number[];
  predicted: number[];
  metrics: OverlapMetrics;
}
const fixture: FixtureCase[] = JSON.parse(readFileSync(new URL('overlap-fixture.json', import.meta.url), 'utf8'));

function metricsOf(classes: number, reference: number[], predicted: number[]): OverlapMetrics {
  const matrix = confusionMatrix(classes);
  countPixels(matrix, reference, predicted);
  return overlapMetrics(matrix);
}

describe('overlap metrics', () => {
  it.each(fixture)('agree with scikit-learn ($classes classes)', ({ classes, reference, predicted, metrics }) => {
    const ours = metricsOf(classes, reference, predicted);
    for (const [name, value] of Object.entries(metrics)) expect(ours[name], name).toBeCloseTo(value, 12);
  });

  it('agree with sets of pixels, whichever classes are absent', () => {
    const masks = fc.integer({ min: 2, max: 5 }).chain((classes) => {
      const pixel = fc.tuple(fc.integer({ min: 0, max: classes - 1 }), fc.integer({ min: 0, max: classes - 1 }));
      return fc.record({ classes: fc.constant(classes), pixels: fc.array(pixel, { minLength: 1, maxLength: 30 }) });
    });
    fc.assert(
      fc.property(masks, ({ classes, pixels }) => {
        const [reference, predicted] = [pixels.map(([truth]) => truth), pixels.map(([, guess]) => guess)];
        const ours = metricsOf(classes, reference, predicted);
        const slow = slowMetrics(classes, reference, predicted);
        for (const [name, value] of Object.entries(slow)) {
          if (Number.isNaN(value)) expect(ours[name], name).toBeNaN();
          else expect(ours[name], name).toBeCloseTo(value, 12);
        }
      }),
    );
  });

  it('leave a class out that is nowhere, and give 0 to one that is only predicted', () => {
    expect(metricsOf(3, [0, 1], [0, 1])).toMatchObject({ dice: 1, meanIoU: 1, meanAccuracy: 1 });
    expect(metricsOf(3, [0, 1], [0, 2])).toMatchObject({ dice: 0, meanAccuracy: 0.5 });
    expect(metricsOf(2, [0, 0], [0, 0]).dice).toBeNaN();
  });

  it('count the foreground alone in dice and all classes in meanDice', () => {
    const { dice, meanDice } = metricsOf(2, [0, 0, 0, 1, 1], [0, 0, 1, 1, 0]);
    expect(dice).toBeCloseTo(0.5, 12);
    expect(meanDice).toBeCloseTo((0.5 + 4 / 6) / 2, 12);
  });

  it('of a set come from all its pixels, not from the mean of its images', () => {
    const [small, large] = [
      [1, 0, 0, 0],
      [1, 1, 1, 1],
    ];
    const matrix = confusionMatrix(2);
    countPixels(matrix, small!, [0, 0, 0, 0]);
    countPixels(matrix, large!, large!);
    expect(overlapMetrics(matrix).dice).toBeCloseTo(8 / 9, 12);
  });

  it('name the class and the pixel of a mask that has too many classes', () => {
    expect(() => metricsOf(2, [0, 255], [0, 1])).toThrow(/reference has class 255 at pixel 1.*0 to 1/);
    expect(() => metricsOf(2, [0, 1], [0])).toThrow(/2 pixels, the prediction 1/);
  });
});

/** By sets of pixel indices, straight from the definitions. */
function slowMetrics(classes: number, reference: number[], predicted: number[]): Record<string, number> {
  const where = (mask: number[], wanted: number) =>
    new Set(mask.flatMap((value, index) => (value === wanted ? [index] : [])));
  const rows = Array.from({ length: classes }, (_, wanted) => {
    const [truth, guess] = [where(reference, wanted), where(predicted, wanted)];
    const both = [...truth].filter((pixel) => guess.has(pixel)).length;
    const either = new Set([...truth, ...guess]).size;
    return {
      wanted,
      truth: truth.size,
      both,
      either,
      dice: (2 * both) / (truth.size + guess.size),
      iou: both / either,
    };
  });
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const present = rows.filter(({ either }) => either > 0);
  const real = rows.filter(({ truth }) => truth > 0);
  return {
    dice: mean(present.filter(({ wanted }) => wanted > 0).map(({ dice }) => dice)),
    meanDice: mean(present.map(({ dice }) => dice)),
    pixelAccuracy: rows.reduce((sum, { both }) => sum + both, 0) / reference.length,
    meanAccuracy: mean(real.map(({ both, truth }) => both / truth)),
    meanIoU: mean(present.map(({ iou }) => iou)),
    frequencyWeightedIoU: real.reduce((sum, { truth, iou }) => sum + truth * iou, 0) / reference.length,
  };
}
