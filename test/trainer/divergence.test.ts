import { describe, expect, it } from 'vitest';
import { divergenceOf } from '../../src/trainer/divergence.ts';

const options = { lossFactor: 3, zeroEpochs: 2, warmupEpochs: 1, primary: 'dice' };

/** What each epoch of [loss, dice] says; epochs count from 1. */
function reasonsOf(epochs: readonly [loss: number, dice: number][]): (string | null)[] {
  const progress = { shuffle: { seed: 1, epoch: 0 }, lossSum: 0, firstLoss: null, zeroEpochs: 0 };
  return epochs.map(([loss, dice], index) =>
    divergenceOf(progress, { epoch: index + 1, loss, metrics: { dice } }, options),
  );
}

describe('divergence', () => {
  it('is a loss above the first epoch’s times the factor, not one that equals it', () => {
    expect(
      reasonsOf(
        [
          [1, 0.5],
          [3, 0.5],
          [3.01, 0.5],
        ].map(pair),
      ),
    ).toEqual([null, null, expect.stringMatching(/loss rose to 3\.01 in epoch 3, more than 3 times/)]);
  });

  it('is a primary metric of zero for enough epochs in a row after warmup', () => {
    const zeros = reasonsOf(
      [
        [1, 0],
        [1, 0],
        [1, 0.1],
        [1, 0],
        [1, 0],
      ].map(pair),
    );
    expect(zeros).toEqual([null, null, null, null, 'dice was 0 for 2 epochs after warmup']);
  });

  it('is a loss that is not finite', () => {
    expect(reasonsOf([[Number.NaN, 0.5]])[0]).toMatch(/loss became NaN/);
  });
});

function pair([loss, dice]: number[]): [number, number] {
  return [loss!, dice!];
}
