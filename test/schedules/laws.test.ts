import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type GreScaleSpec,
  greScale,
  lrPerEpoch,
  type Phase,
  perStep,
  phaseAt,
  phases,
  scheduleFrom,
} from '../../schedules/index.ts';
import { anyGreScale, anyPlace, anySpec } from './specs.ts';

const peakOf = (spec: GreScaleSpec) => spec.workers * spec.initialLr;

/** Checks a law for rates at `fractions` of the way through the named phase, when the schedule has it. */
function during(phase: Phase, law: (rates: number[], spec: GreScaleSpec) => void): void {
  fc.assert(
    fc.property(
      anyGreScale,
      fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 2 }),
      (spec, places) => {
        const span = phases(spec).find((each) => each.phase === phase);
        if (span === undefined) return;
        const schedule = greScale(spec);
        const rising = places.sort((a, b) => a - b);
        law(
          rising.map((place) => schedule(span.from + place * (span.to - span.from))),
          spec,
        );
      },
    ),
  );
}

describe('every schedule', () => {
  it('is positive and finite everywhere', () => {
    fc.assert(
      fc.property(anySpec, anyPlace, (spec, place) => {
        const rate = scheduleFrom(spec)(place * spec.epochs);
        expect(rate > 0 && Number.isFinite(rate)).toBe(true);
      }),
    );
  });

  it('gives the same rates whatever the order they are asked in', () => {
    fc.assert(
      fc.property(anySpec, fc.array(anyPlace), (spec, places) => {
        const schedule = scheduleFrom(spec);
        const forwards = places.map((place) => schedule(place * spec.epochs));
        const backwards = [...places].reverse().map((place) => schedule(place * spec.epochs));
        expect(backwards.reverse()).toEqual(forwards);
      }),
    );
  });

  it('agrees by step and by epoch', () => {
    fc.assert(
      fc.property(anySpec, fc.integer({ min: 1, max: 500 }), (spec, stepsPerEpoch) => {
        const rate = perStep(scheduleFrom(spec), stepsPerEpoch);
        const atEpochs = Array.from({ length: spec.epochs + 1 }, (_, epoch) => rate(epoch * stepsPerEpoch));
        expect(atEpochs).toEqual(lrPerEpoch(spec));
      }),
    );
  });

  it('has phases that follow each other and sum to E', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const spans = phases(spec);
        expect(spans[0]!.from).toBe(0);
        expect(spans.at(-1)!.to).toBe(spec.epochs);
        for (const [index, span] of spans.entries()) {
          expect(span.to).toBe(spans[index + 1]?.from ?? spec.epochs);
          expect(phaseAt(spec, span.from)).toBe(span.phase);
          const middle = (span.from + span.to) / 2;
          // Nothing lies between two neighbouring numbers.
          if (middle < span.to) expect(phaseAt(spec, middle)).toBe(span.phase);
        }
        expect(phaseAt(spec, spec.epochs)).toBe(spans.at(-1)!.phase);
      }),
    );
  });

  it('holds the last rate after the last epoch', () => {
    fc.assert(
      fc.property(anySpec, fc.double({ min: 0, max: 100, noNaN: true }), (spec, more) => {
        const schedule = scheduleFrom(spec);
        expect(schedule(spec.epochs + more)).toBe(schedule(spec.epochs));
      }),
    );
  });
});

describe('GreScale', () => {
  it('never falls during warmup and stays between η and kη', () => {
    during('warmup', (rates, spec) => {
      expect(rates).toEqual([...rates].sort((a, b) => a - b));
      expect(rates[0]!).toBeGreaterThanOrEqual(spec.initialLr);
      expect(rates.at(-1)!).toBeLessThanOrEqual(peakOf(spec));
    });
  });

  it('is exactly kη during stabilization', () => {
    during('stabilization', (rates, spec) => {
      for (const rate of rates) expect(rate).toBe(peakOf(spec));
    });
  });

  it('never rises during decay', () => {
    during('decay', (rates) => expect(rates).toEqual([...rates].sort((a, b) => b - a)));
  });

  it('has its peak of exactly kη where warmup ends and where decay begins', () => {
    fc.assert(
      fc.property(anyGreScale, (spec) => {
        const schedule = greScale(spec);
        expect(schedule(spec.warmupEpochs)).toBeCloseTo(peakOf(spec), 12);
        for (const { phase, from } of phases(spec)) if (phase !== 'warmup') expect(schedule(from)).toBe(peakOf(spec));
      }),
    );
  });

  it('is continuous at both borders', () => {
    fc.assert(
      fc.property(anyGreScale, (spec) => {
        const schedule = greScale(spec);
        for (const [index, { from, to }] of phases(spec).entries()) {
          const before = from - (phases(spec)[index - 1]?.from ?? 0);
          if (index === 0 || before < 1e-3 || to - from < 1e-3) continue;
          expect(Math.abs(schedule(from - 1e-9 * before) / schedule(from) - 1)).toBeLessThan(2e-9);
          // The steepest shape, inverse, starts with the slope exp(c), here up to 5e8.
          expect(Math.abs(schedule(from + 1e-12 * (to - from)) / schedule(from) - 1)).toBeLessThan(1e-3);
        }
      }),
    );
  });

  it('starts at η when there is a warmup and ends at kη·exp(−c) when there is a decay', () => {
    fc.assert(
      fc.property(anyGreScale, (spec) => {
        const schedule = greScale(spec);
        if (spec.warmupEpochs > 0) expect(schedule(0)).toBe(spec.initialLr);
        const end = spec.decayEpochs > 0 ? Math.exp(-spec.decayCoefficient) : 1;
        if (phases(spec).at(-1)!.phase === 'decay')
          expect(schedule(spec.epochs) / (peakOf(spec) * end)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('ends there also after a decay too short for its length to be told from the two borders', () => {
    const decayCoefficient = 14.627240580702125;
    const short = {
      policy: 'greScale' as const,
      epochs: 1,
      workers: 1,
      initialLr: 1e-6,
      warmupEpochs: 0,
      decayEpochs: 1e-16,
    };
    for (const decayEpochs of [1.0376745018803037e-9, short.decayEpochs]) {
      const schedule = greScale({ ...short, decayEpochs, decayCoefficient, decayShape: 'linear' });
      expect(schedule(1) / (1e-6 * Math.exp(-decayCoefficient))).toBeCloseTo(1, 12);
    }
  });

  it('has no warmup jump for one worker', () => {
    fc.assert(
      fc.property(anyGreScale, anyPlace, (spec, place) => {
        const one = greScale({ ...spec, workers: 1 });
        expect(one(place * (spec.epochs - spec.decayEpochs))).toBe(spec.initialLr);
      }),
    );
  });

  it('leaves the decay alone when warmup grows out of stabilization', () => {
    fc.assert(
      fc.property(anyGreScale, fc.double({ min: 0, max: 1, noNaN: true }), anyPlace, (spec, more, place) => {
        const room = spec.epochs - spec.decayEpochs - spec.warmupEpochs;
        const warmupEpochs = spec.warmupEpochs + more * room;
        if (warmupEpochs + spec.decayEpochs > spec.epochs) return;
        const epoch = spec.epochs - place * spec.decayEpochs;
        if (epoch < warmupEpochs) return;
        expect(greScale({ ...spec, warmupEpochs })(epoch)).toBe(greScale(spec)(epoch));
      }),
    );
  });

  it('falls further for every greater decay coefficient, whatever the shape', () => {
    fc.assert(
      fc.property(anyGreScale, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (spec, place) => {
        if (spec.decayEpochs < 1e-3) return;
        const epoch = spec.epochs - place * spec.decayEpochs;
        const steeper = { ...spec, decayCoefficient: spec.decayCoefficient + 1 };
        expect(greScale(steeper)(epoch)).toBeLessThan(greScale(spec)(epoch));
      }),
    );
  });
});
