import { describe, expect, it } from 'vitest';
import { type CurveEpoch, curveSigns } from '../../../machines/decision/index.ts';

const metric = { name: 'dice', sign: 1 } as const;

/** 20 epochs: 4 of warmup, 10 of stabilization, 6 of decay, with a loss that falls to its end and a metric that follows. */
function curve(change: (epoch: CurveEpoch) => Partial<CurveEpoch> = () => ({})): CurveEpoch[] {
  return Array.from({ length: 20 }, (_, index) => {
    const epoch = index + 1;
    const plain: CurveEpoch = {
      epoch,
      phase: epoch <= 4 ? 'warmup' : epoch <= 14 ? 'stabilization' : 'decay',
      loss: 0.1 + 0.5 * 0.6 ** index,
      metric: 0.9 - 0.5 * 0.6 ** index,
      noiseScale: null,
    };
    return { ...plain, ...change(plain) };
  });
}

const signs = (epochs: CurveEpoch[], batch = 1) => curveSigns({ epochs, batch, metric });

describe('what a curve shows', () => {
  it('is nothing of note where the loss falls and levels off', () => expect(signs(curve())).toEqual([]));

  it.each([
    [
      'lossJumped',
      curve(({ epoch, loss }) => (epoch === 3 ? { loss: 3 * loss! } : {})),
      'the loss jumped in warmup, from 0.4 to 0.84 in epoch 3',
    ],
    [
      'lossStood',
      curve(({ phase }) => ({ loss: phase === 'decay' ? 0.2 : 0.4 })),
      'the loss stood still at 0.4 in stabilization and fell with the rate, to 0.2',
    ],
    [
      'lossStillFell',
      curve(({ epoch }) => ({ loss: 1 - 0.04 * epoch })),
      'the loss still fell at the end, by 27 % in the last 2 epochs',
    ],
    [
      'overfitted',
      curve(({ epoch, loss }) => ({ loss: loss! / epoch, metric: 0.9 - 0.01 * Math.abs(epoch - 8) })),
      'dice was best around epoch 8 (0.893) and came to 0.785 while the loss kept falling, a sign of overfitting',
    ],
  ])('names %s, with its numbers', (sign, epochs, text) => {
    expect(signs(epochs)).toContainEqual({ sign, text });
  });

  it('names steps of more samples than the noise scale asks for', () => {
    const noisy = curve(({ epoch }) => ({ noiseScale: epoch % 2 === 0 ? 3 : 4 }));
    const text = 'a step averages 18 samples at a noise scale of 4, so further samples add little to a step';
    expect(signs(noisy, 18)).toEqual([{ sign: 'beyondNoiseScale', text }]);
    expect(signs(noisy, 8)).toEqual([]);
  });

  it('reads a metric of which less is better the other way round', () => {
    const falling = curve(({ epoch, loss }) => ({ loss: loss! / epoch, metric: 5 + 0.2 * Math.abs(epoch - 8) }));
    const found = curveSigns({ epochs: falling, batch: 1, metric: { name: 'hd95', sign: -1 } });
    expect(found.map(({ sign }) => sign)).toContain('overfitted');
  });

  it('is nothing where nothing was measured, or too few epochs', () => {
    const nothing = curve(() => ({ phase: null, loss: null, metric: null }));
    expect(signs(nothing)).toEqual([]);
    expect(signs(curve(({ epoch }) => ({ loss: epoch })).slice(0, 7))).toEqual([]);
  });
});
