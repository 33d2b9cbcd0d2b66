import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knownMetric } from '../../src/domain/metric/definition.ts';
import { caseMetricNames } from '../../src/segeval/case-metric-names.ts';
import { caseMetrics } from '../../src/segeval/case-metrics.ts';
import { defaultEmptyMaskPolicy } from '../../src/segeval/empty-masks.ts';
import { allClassesMetricNames } from '../../src/segeval/overlap-metrics.ts';

interface ReferenceCase {
  size: number[];
  spacingMm: number[];
  surfaceToleranceMm: number;
  predicted: string;
  truth: string;
  values: Record<string, number>;
}

const file = new URL('./reference.json.gz', import.meta.url);
const cases = JSON.parse(gunzipSync(readFileSync(file)).toString()) as ReferenceCase[];

function unpacked(bits: string, size: readonly number[]): Uint8Array {
  const bytes = Buffer.from(bits, 'base64');
  const mask = new Uint8Array(size.reduce((product, length) => product * length, 1));
  return mask.map((_, index) => (bytes[index >> 3]! >> (index & 7)) & 1);
}

describe('caseMetrics', () => {
  it('agrees with scikit-learn, SciPy and scikit-image to 1e-6 on 1,000 random cases and 24 real ones', () => {
    expect(cases).toHaveLength(1024);
    let compared = 0;
    for (const [number, { size, spacingMm, surfaceToleranceMm, predicted, truth, values }] of cases.entries()) {
      const metrics = caseMetrics(unpacked(predicted, size), unpacked(truth, size), {
        size,
        spacingMm,
        surfaceToleranceMm,
        emptyMasks: { bothEmpty: 'exclude', oneEmpty: 'exclude' },
      });
      for (const name of caseMetricNames) {
        const expected = values[name];
        if (expected === undefined) expect(metrics[name], `case ${number}, ${name}`).toBeNaN();
        else {
          expect(Math.abs(metrics[name] - expected), `case ${number}, ${name}`).toBeLessThan(1e-6);
          compared += 1;
        }
      }
    }
    expect(compared).toBeGreaterThan(11_000);
  });

  const empty = new Uint8Array(12);
  const full = new Uint8Array(12).fill(1);
  const grid = { size: [4, 3], spacingMm: [1, 2], surfaceToleranceMm: 1 };

  it('leaves a case without the class out by default, or counts it as perfect', () => {
    const excluded = caseMetrics(empty, empty, { ...grid, emptyMasks: defaultEmptyMaskPolicy });
    expect(excluded.dice).toBeNaN();
    expect(excluded.hausdorffMm).toBeNaN();
    const perfect = caseMetrics(empty, empty, { ...grid, emptyMasks: { bothEmpty: 'perfect', oneEmpty: 'exclude' } });
    expect(perfect).toMatchObject({
      dice: 1,
      iou: 1,
      sensitivity: 1,
      surfaceDice: 1,
      hausdorffMm: 0,
      averageVolumeDistanceMm: 0,
    });
  });

  it.each([
    ['diagonal', Math.hypot(3, 4)],
    ['infinite', Number.POSITIVE_INFINITY],
    ['exclude', Number.NaN],
  ] as const)('gives a missed structure the distance that the policy "%s" says', (oneEmpty, expected) => {
    const missed = caseMetrics(empty, full, { ...grid, emptyMasks: { bothEmpty: 'exclude', oneEmpty } });
    expect(missed.hausdorffMm).toEqual(expected);
    expect(missed).toMatchObject({
      ...{ dice: 0, iou: 0, sensitivity: 0, surfaceDice: 0 },
      ...{ lesionsDetected: 0, lesionsMissed: 1, lesionsFalse: 0 },
    });
    expect(missed.precision).toBeNaN();
  });

  const masks = fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 }))
    .chain((size) => {
      const mask = fc.uint8Array({
        minLength: size[0] * size[1] * size[2],
        maxLength: size[0] * size[1] * size[2],
        max: 1,
      });
      return fc.record({ size: fc.constant(size), a: mask, b: mask });
    });

  it('is symmetric where its formula is, and scales with the spacing', () => {
    fc.assert(
      fc.property(masks, fc.double({ min: 0.1, max: 10, noNaN: true }), ({ size, a, b }, scale) => {
        const measure = (p: Uint8Array, t: Uint8Array, unit: number) =>
          caseMetrics(p, t, {
            size,
            spacingMm: [unit, 2 * unit, 3 * unit],
            surfaceToleranceMm: 1.3 * unit,
            emptyMasks: defaultEmptyMaskPolicy,
          });
        const [ab, ba, scaled] = [measure(a, b, 1), measure(b, a, 1), measure(a, b, scale)];
        expect(ba.dice).toEqual(ab.dice);
        expect(ba.hausdorffMm).toEqual(ab.hausdorffMm);
        expect(ba.sensitivity).toEqual(ab.precision);
        expect(ba.surfaceDice).toEqual(ab.surfaceDice);
        expect(scaled.surfaceDice).toEqual(ab.surfaceDice);
        expect(ab.surfaceDice >= 0 && ab.surfaceDice <= 1).toBe(!Number.isNaN(ab.dice));
        if (!Number.isNaN(ab.hausdorffMm)) expect(scaled.hausdorffMm).toBeCloseTo(ab.hausdorffMm * scale, 6);
        if (!Number.isNaN(ab.hausdorffMm)) expect(ab.hausdorff95Mm).toBeLessThanOrEqual(ab.hausdorffMm);
      }),
    );
  });

  it('says of every metric which values are better, in which unit and between which bounds', () => {
    for (const name of [...caseMetricNames, ...allClassesMetricNames]) {
      const { unit, fraction, bounds, direction } = knownMetric(name)!;
      const worse = /Mm$|Missed$|False$/.test(name);
      expect({ name, direction, unit, fraction, bounds }).toEqual({
        name,
        direction: worse ? 'lower' : 'higher',
        unit: name.endsWith('Mm') ? 'mm' : null,
        fraction: !/Mm$|^lesions/.test(name),
        bounds: /Mm$|^lesions/.test(name) ? [0, null] : [0, 1],
      });
    }
  });
});
