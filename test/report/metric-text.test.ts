import { describe, expect, it } from 'vitest';
import { defineMetric, type MetricDefinitions } from '../../src/domain/metric/definition.ts';
import {
  decidesOnText,
  differenceLegend,
  meaningsText,
  metricText,
  metricTexts,
} from '../../src/domain/metric/text.ts';

const definitions: MetricDefinitions = {
  dice: defineMetric('dice')!,
  hd95: defineMetric('hd95')!,
  val_loss: defineMetric('val_loss')!,
  drift: defineMetric('drift', { direction: 'lower', unit: 'mL' })!,
};
const textOf = (name: string) => metricText(name, definitions[name] ?? null);

describe('a metric as people read it', () => {
  it.each([
    ['dice', 'dice ↑', 'dice, higher is better'],
    ['hd95', 'hd95 (mm) ↓', 'hd95 in mm, lower is better'],
    ['val_loss', 'val_loss ↓', 'val_loss, lower is better'],
    ['drift', 'drift (mL) ↓', 'drift in mL, lower is better'],
    ['unheard', 'unheard', 'unheard'],
  ])('%s says its unit and which values are better', (name, heading, meaning) => {
    expect([textOf(name).heading, textOf(name).meaning]).toEqual([heading, meaning]);
  });

  it.each([
    ['dice', 0.84321, '0.843'],
    ['hd95', 12.4321, '12.43 mm'],
    ['hd95', 123.456, '123.5 mm'],
    ['hd95', 0, '0.000 mm'],
    ['val_loss', 0.41234, '0.412'],
    ['val_loss', 0.00041234, '0.000412'],
    ['val_loss', -3.21, '−3.21'],
    ['hd95', Number.POSITIVE_INFINITY, 'infinity mm'],
  ])('%s of %d is %s', (name, value, text) => expect(textOf(name).valueWithUnit(value)).toBe(text));

  it.each([
    ['dice', -0.004, 0.006, '−0.4 points, 95 % interval −1.0 to +0.2: cannot tell which is better'],
    ['dice', -0.004, 0.003, '−0.4 points, 95 % interval −0.7 to −0.1: worse'],
    ['dice', 0.012, 0.009, '+1.2 points, 95 % interval +0.3 to +2.1: better'],
    ['dice', 0.012, null, '+1.2 points, spread unknown: cannot tell which is better'],
    ['dice', 0, 0, '0.0 points, 95 % interval 0.0 to 0.0: cannot tell which is better'],
    ['hd95', 1.2, 1, '+1.2 mm, 95 % interval +0.2 to +2.2: worse'],
    ['hd95', -1.25, 1, '−1.25 mm, 95 % interval −2.25 to −0.25: better'],
    ['hd95', -1.25, 1.25, '−1.25 mm, 95 % interval −2.5 to 0: cannot tell which is better'],
    ['val_loss', 0.4, null, '+0.4, spread unknown: cannot tell which is better'],
    ['unheard', 0.4, 0.1, '+0.4, 95 % interval +0.3 to +0.5'],
  ])('a change of %s by %d ± %d is %s', (name, difference, reach, text) => {
    const interval = reach === null ? null : { low: difference - reach, high: difference + reach };
    expect(textOf(name).change({ difference, interval })).toBe(text);
  });

  it('has one number of digits for a mean and its spread', () => {
    expect(textOf('dice').spreadWithUnit({ mean: 0.8432, sd: 0.004 })).toBe('0.843 ± 0.004');
    expect(textOf('hd95').spreadWithUnit({ mean: 12.43, sd: 0.31 })).toBe('12.43 ± 0.31 mm');
    expect(textOf('hd95').spreadWithUnit({ mean: 12.43, sd: null })).toBe('12.43 mm');
  });

  it('has a margin in its own unit', () => {
    expect([textOf('dice').amount(0.002), textOf('hd95').amount(0.5), textOf('val_loss').amount(0.02)]).toEqual([
      '0.2 points',
      '0.5 mm',
      '0.02',
    ]);
  });
});

describe('what a table of metrics says of its numbers', () => {
  it('is said once where all metrics are alike, and by name where they are not', () => {
    expect(differenceLegend({ metrics: ['dice'], definitions })).toBe(
      'in brackets, the difference from the baseline in points (hundredths), higher is better',
    );
    expect(differenceLegend({ metrics: ['hd95', 'dice'], definitions })).toBe(
      'in brackets, the difference from the baseline: hd95 in mm, lower is better; dice in points (hundredths), higher is better',
    );
  });

  it('says that shares of 1 are shown where the trainer reports percent', () => {
    expect(differenceLegend({ metrics: ['dice'], definitions, reportedInPercent: true })).toContain(
      'The trainer reports percent; values are shown as fractions (0.9 is 90 %)',
    );
  });

  it('keeps the order in which metrics decide', () => {
    expect(decidesOnText(definitions)).toBe(
      'Decides on dice, higher is better; then hd95 in mm, lower is better; then val_loss, lower is better; then drift in mL, lower is better.',
    );
    expect(meaningsText(['dice', 'hd95'].map(textOf))).toBe('dice (higher is better), hd95 (in mm, lower is better)');
  });

  it('knows a metric that decides nothing by its name alone', () => {
    const text = metricTexts({ metrics: ['dice'], definitions });
    expect([text('hausdorffMm').heading, text('unheard').heading]).toEqual(['hausdorffMm (mm) ↓', 'unheard']);
  });
});
