import { expect, test } from 'vitest';
import { applyAction } from '../../../machines/guideline/apply-action.ts';
import { decisions, iterations } from '../../../machines/guideline/index.ts';
import type { ExtendTraining, Guideline, GuidelineAction } from '../../../src/domain/guideline.ts';
import { type Setting, speedUpKept } from '../../../src/domain/setting.ts';
import { play, setting } from './drive.ts';

const longer: ExtendTraining = { action: 'extendTraining', factor: 1.5, maximum: 3 };
const guideline: Guideline = { name: 'longer', threshold: 12, startFrom: 'best', actions: [longer] };

function extended(action: ExtendTraining, from: Setting) {
  const [options, none] = [{ startInitialLr: 0.5, optimizersTried: 0, workers: 18, optimizers: undefined }, 40];
  return applyAction({ action, setting: from, epochs: none, ...options });
}

test('trains half as long again, warmup kept and decay in proportion, up to its maximum', () => {
  const rows = iterations(play([0.7, 0.71, 0.72], { guideline }));
  expect(rows.map((row) => [row.setting.epochs, row.setting.warmupEpochs, row.setting.decayEpochs])).toEqual([
    [undefined, 5, 15],
    [60, 5, 23],
    [90, 5, 35],
  ]);
  expect(decisions(play([0.7, 0.71, 0.72], { guideline })).at(-1)?.reason).toContain(
    "135 epochs would exceed 3 times the study's 40",
  );
});

test('says its price in speed wherever it is chosen', () => {
  expect(decisions(play([], { guideline }))[0]?.reason).toContain(
    'train longer 40 → 60 epochs, decay 15 → 23 epochs, which leaves 12 of 18 times the speed',
  );
});

test('a setting without epochs, as earlier versions stored it, has those of the study', () => {
  const named = extended(longer, { ...setting, epochs: 40 });
  expect(extended(longer, setting)).toEqual(named);
});

test.each([
  [{ warmup: 'keep', decay: 'keep' } as const, 5, 15],
  [{ warmup: 'scale', decay: 'scale' } as const, 8, 23],
])('phases by rule: %o', (rules, warmupEpochs, decayEpochs) => {
  expect(extended({ ...longer, ...rules }, setting)).toMatchObject({
    setting: { warmupEpochs, decayEpochs, epochs: 60 },
  });
});

test('never clips: a step above the maximum is not taken', () => {
  expect(extended({ ...longer, maximum: 1.4 }, setting)).toMatchObject({ state: 'exhausted' });
  expect(extended({ ...longer, factor: 1.001 }, setting)).toMatchObject({ state: 'exhausted' });
});

test('the speed-up kept is k · E₁ / E', () => {
  expect(speedUpKept({ workers: 18, epochs: 60, ofStudy: 40 })).toBe(12);
  expect(speedUpKept({ workers: 18, epochs: 40, ofStudy: 40 })).toBe(18);
});

test('starts from the new optimizer where asked to, also if another setting was better, and needs one', () => {
  const lower: GuidelineAction = { action: 'decreaseInitialLr', factor: 0.5, minimum: 1e-3 };
  const adam: GuidelineAction = { action: 'changeOptimizer', optimizers: [{ optimizer: 'adam', initialLr: 0.001 }] };
  const withNew: ExtendTraining = { ...longer, from: 'newOptimizer' };
  const settingsOf = (actions: GuidelineAction[], dice: number[]) =>
    iterations(play(dice, { guideline: { ...guideline, actions } })).map((row) => [
      row.setting.optimizer,
      row.setting.epochs ?? 40,
    ]);
  const dice = [0.7, 0.74, 0.72, 0.71, 0.7];
  const tried = settingsOf([lower, adam, withNew], dice);
  expect(tried).toContainEqual(['adam', 60]);
  expect(tried).not.toContainEqual(['sgd', 60]);
  expect(settingsOf([lower, adam, longer], dice)).toContainEqual(['sgd', 60]);
  const reason = decisions(play([0.7, 0.71, 0.7], { guideline: { ...guideline, actions: [lower, withNew] } })).at(
    -1,
  )?.reason;
  expect(reason).toContain('skipped train longer: no run with another optimizer has a result');
});
