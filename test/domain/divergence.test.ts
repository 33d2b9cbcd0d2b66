import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type DivergenceOptions, nothingWatched, type WatchedEpoch, watchEpoch } from '../../src/domain/divergence.ts';

const options = { lossFactor: 3, zeroEpochs: 2, warmupEpochs: 1, epochs: 1000, primary: 'dice' };

/** What each epoch says; epochs count from 1. */
function reasonsOf(epochs: readonly Omit<WatchedEpoch, 'epoch'>[], changes: Partial<DivergenceOptions> = {}) {
  let watch = nothingWatched;
  return epochs.map((reported, index) => {
    const watched = watchEpoch(watch, { epoch: index + 1, ...reported }, { ...options, ...changes });
    watch = watched.watch;
    return watched.reason;
  });
}

const losses = (...values: number[]) => values.map((loss) => ({ loss }));
const pairs = (...values: [loss: number, dice: number][]) =>
  values.map(([loss, dice]) => ({ loss, metrics: { dice } }));
/** The first epoch that is divergence; null where none is. */
const divergedIn = (reasons: (string | null)[]) => reasons.findIndex((reason) => reason !== null) + 1 || null;

describe('a loss', () => {
  it('diverges above the first epoch’s times the factor, not where it equals it', () => {
    expect(reasonsOf(losses(1, 3, 3.01))).toEqual([
      null,
      null,
      "the loss rose to 3.01 in epoch 3, more than 3 times the first epoch's 1",
    ]);
    expect(divergedIn(reasonsOf(losses(0.1, 1, 1.01), { lossFactor: 10 }))).toBe(3);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('diverges as %d', (loss) => {
    expect(reasonsOf(losses(1, loss))[1]).toBe(`the loss became ${loss} in epoch 2`);
  });

  it.each([
    ['improves below zero', [-0.5, -0.6], null],
    ['starts at zero, which measures nothing', [0, 0.1], null],
    ['starts at zero and explodes', [0, 0.1, 0.2, 0.31], 4],
    ['rises from below zero, by less than it was', [-0.5, 0.49], null],
    ['rises from below zero, by twice what it was', [-0.5, 0.51], 2],
    ['starts close to zero, falls far and comes back', [0.01, -2, 0.5], null],
    ['starts close to zero, falls far and explodes', [0.01, -2, 4.1], 3],
  ])('%s: %j', (_name, values, epoch) => {
    expect(divergedIn(reasonsOf(losses(...values)))).toBe(epoch);
  });

  it('is named with what it was measured by', () => {
    expect(reasonsOf(losses(-0.5, 0.51))[1]).toBe(
      "the loss rose to 0.51 in epoch 2, more than 2 times 0.5 above the first epoch's -0.5",
    );
  });
});

describe('a primary metric of zero', () => {
  it('diverges when it stays for enough epochs after warmup and the loss does not fall', () => {
    const reasons = reasonsOf(pairs([1, 0], [1, 0], [1, 0.1], [1, 0], [1, 0]));
    const reason = 'dice was 0 for 2 epochs after warmup, and the loss did not fall (until epoch 5)';
    expect(reasons).toEqual([null, null, null, null, reason]);
  });

  it('diverges as many epochs after the loss has stopped to fall, however noisy it is then', () => {
    expect(divergedIn(reasonsOf(pairs([4, 0], [3, 0], [2, 0], [1, 0], [1.2, 0], [1.1, 0])))).toBe(6);
  });

  it('diverges when the loss rises above what it was before the metric broke down', () => {
    expect(divergedIn(reasonsOf(pairs([1, 0.4], [0.5, 0.6], [0.9, 0], [0.8, 0])))).toBe(4);
  });

  it('is no fall when the loss creeps: it takes one ten-thousandth', () => {
    expect(divergedIn(reasonsOf(pairs([1, 0], [1, 0], [0.99999, 0])))).toBe(3);
  });

  it('neither counts nor starts anew in an epoch that was not evaluated', () => {
    expect(divergedIn(reasonsOf([...pairs([1, 0.5], [1, 0]), ...losses(1, 1), ...pairs([1, 0])]))).toBe(5);
  });

  it('stops nothing where no loss is reported: nobody knows whether it falls', () => {
    expect(divergedIn(reasonsOf(Array.from({ length: 9 }, () => ({ metrics: { dice: 0 } }))))).toBeNull();
  });

  it('is a result when training ends with it', () => {
    expect(divergedIn(reasonsOf(pairs([1, 0], [1, 0], [1, 0]), { epochs: 3 }))).toBeNull();
  });
});

const curves = z
  .array(
    z.object({
      task: z.string(),
      optimizer: z.string(),
      initialLr: z.number(),
      warmupEpochs: z.number(),
      seed: z.number(),
      dice: z.array(z.number()),
      loss: z.array(z.number()),
    }),
  )
  .parse(JSON.parse(readFileSync(new URL('../fixtures/loss-curves.json', import.meta.url), 'utf8')));

describe('trainings of examples/cerebellum with 18 workers, run to their end', () => {
  const product = { lossFactor: 10, zeroEpochs: 5, epochs: 40 };
  const unets = curves.filter(({ task }) => task === 'cerebellum-unet');
  const broken = curves.filter(({ task }) => task === 'cerebellum');

  it.each(unets)('go on while the loss falls: U-Net, $optimizer $initialLr, seed $seed', ({ dice, loss, ...run }) => {
    expect(dice.slice(0, 12)).toEqual(Array(12).fill(0));
    expect(dice.at(-1)).toBeGreaterThan(0.87);
    const epochs = loss.map((value, index) => ({ loss: value, metrics: { dice: dice[index]! } }));
    expect(divergedIn(reasonsOf(epochs, { ...product, warmupEpochs: run.warmupEpochs }))).toBeNull();
  });

  it.each([
    ['lars', 0.4, 8],
    ['lars', 1, 5],
    ['sgd', 1.2, 22],
  ])('are stopped where the loss explodes: FCN, %s %d, in epoch %d', (optimizer, initialLr, epoch) => {
    const run = broken.find((each) => each.optimizer === optimizer && each.initialLr === initialLr)!;
    const epochs = run.loss.map((value, index) => ({ loss: value, metrics: { dice: run.dice[index]! } }));
    expect(divergedIn(reasonsOf(epochs, { ...product, warmupEpochs: run.warmupEpochs }))).toBe(epoch);
  });
});

describe('for any losses', () => {
  const loss = fc.integer({ min: -1e6, max: 1e6 }).map((n) => n / 64);
  const rule = fc.record({
    lossFactor: fc.double({ min: 1.01, max: 100, noNaN: true }),
    zeroEpochs: fc.nat(5).map((n) => n + 1),
  });

  it('a loss that never comes above the first is no divergence by itself', () => {
    fc.assert(
      fc.property(fc.array(loss, { minLength: 1 }), rule, (values, changes) => {
        const sorted = [Math.max(...values), ...values];
        expect(divergedIn(reasonsOf(losses(...sorted), changes))).toBeNull();
      }),
    );
  });

  it('a metric of zero is no divergence while the loss falls', () => {
    fc.assert(
      fc.property(fc.uniqueArray(loss), rule, (values, changes) => {
        const falling = values.sort((a, b) => b - a).map((value): [number, number] => [value, 0]);
        const reasons = reasonsOf(pairs(...falling), { ...changes, warmupEpochs: 0 });
        const falls = falling.every(
          ([value], i) => i === 0 || value < falling[i - 1]![0] - 1e-4 * Math.abs(falling[i - 1]![0]),
        );
        fc.pre(falls);
        expect(divergedIn(reasons)).toBeNull();
      }),
    );
  });

  it('a metric of zero with a loss that stays is divergence, unless training ends first', () => {
    fc.assert(
      fc.property(loss, rule, fc.nat(5), (value, changes, warmupEpochs) => {
        const epochs = Array.from({ length: 20 }, (): [number, number] => [value, 0]);
        const reasons = reasonsOf(pairs(...epochs), { ...changes, warmupEpochs });
        expect(divergedIn(reasons)).toBe(Math.max(warmupEpochs, 1) + changes.zeroEpochs);
      }),
    );
  });

  it('the unit of the loss does not matter', () => {
    const exponent = fc.integer({ min: -20, max: 20 });
    const epochs = fc.array(fc.tuple(loss, fc.constantFrom(0, 0.5)), { minLength: 1 });
    fc.assert(
      fc.property(epochs, rule, exponent, (values, changes, power) => {
        const scaled = values.map(([value, dice]): [number, number] => [value * 2 ** power, dice]);
        expect(divergedIn(reasonsOf(pairs(...scaled), changes))).toBe(divergedIn(reasonsOf(pairs(...values), changes)));
      }),
    );
  });

  it('losses that stay positive diverge exactly above the factor times the first', () => {
    const positive = fc.double({ noNaN: true, min: 1e-3, max: 1e3 });
    fc.assert(
      fc.property(fc.array(positive, { minLength: 1 }), rule, (values, changes) => {
        const first = values.findIndex((value) => value > changes.lossFactor * values[0]!) + 1 || null;
        expect(divergedIn(reasonsOf(losses(...values), changes))).toBe(first);
      }),
    );
  });
});
