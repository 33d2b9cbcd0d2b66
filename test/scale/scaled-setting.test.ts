import { describe, expect, it } from 'vitest';
import type { Setting } from '../../src/domain/setting.ts';
import { scaledSetting } from '../../src/scale/scaled-setting.ts';

const setting: Setting = {
  initialLr: 0.004,
  decayCoefficient: 3,
  warmupEpochs: 5,
  decayEpochs: 15,
  optimizer: 'sgd',
  epochs: 40,
};

describe('a setting for more workers', () => {
  it.each(['sgd', 'momentum', 'lars', 'custom'] as const)(
    'keeps the rate of %s, which the schedule multiplies by k',
    (optimizer) => {
      expect(scaledSetting({ ...setting, optimizer }, { from: 4, to: 16 })).toEqual({ ...setting, optimizer });
    },
  );

  it("lets Adam's peak grow with the square root", () => {
    const { initialLr } = scaledSetting({ ...setting, optimizer: 'adam' }, { from: 4, to: 16 });
    expect((16 * initialLr) / (4 * setting.initialLr)).toBeCloseTo(2);
  });
});
