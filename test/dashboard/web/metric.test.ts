import { expect, it } from 'vitest';
import { metricWords } from '../../../src/dashboard/web/parts/metric.ts';

const millimetres = {
  direction: 'lower',
  fraction: false,
  unit: 'mm',
  bounds: [0, null],
  trivial: null,
} as const;

it('writes a metric that no run could measure, whose numbers came as text', () => {
  const text = metricWords('hausdorffMm', { hausdorffMm: { ...millimetres, bounds: [0, null] } });
  const summary = {
    mean: 'NaN',
    sd: 'NaN',
    n: 2,
    difference: 'NaN',
    differenceInterval: null,
    comparison: null,
  } as const;
  expect([text.value(summary.mean), text.spread(summary.sd, summary.mean), text.change(summary)]).toEqual([
    '–',
    '–',
    '',
  ]);
  expect(text.spread(0.25, 11.5)).toBe('0.25');
});
