import { describe, expect, test } from 'vitest';
import { decisions, iterations, outcome } from '../../../machines/guideline/index.ts';
import { canonicalJson } from '../../../src/domain/hash.ts';
import type { Setting } from '../../../src/domain/setting.ts';
import { type Dice, guideline, luck, study } from './anytime-study.ts';
import { setting } from './drive.ts';

describe('where to go on from', () => {
  test('counts what the part that confirms said of a setting, not what the choosing part promised', () => {
    const value: Dice = ({ initialLr }, key) => (initialLr === setting.initialLr ? 0.803 : 0.789) + luck(key);
    const state = study(value, { workers: 8 }, { onTest: (_, key) => 0.77 + luck(key) });
    const tuned = iterations(state);
    expect(tuned.find(({ action }) => action === 'validate')?.parent).toBe(0);
    expect(tuned.find(({ action }) => action === 'extendTraining')?.parent).not.toBe(0);
    const alike = study(value, { workers: 8 }, { onTest: value });
    expect(outcome(alike)?.outcome).toBe('noLoss');
  });

  test('is any other setting rather than one without a usable value on the part that confirms', () => {
    const value: Dice = ({ initialLr }, key) => (initialLr === setting.initialLr ? 0.803 : 0.789) + luck(key);
    const state = study(value, { workers: 8 }, { onTest: () => Number.NaN });
    expect(outcome(state)?.outcome).not.toBe('noLoss');
    expect(iterations(state).find(({ action }) => action === 'extendTraining')?.parent).not.toBe(0);
  });

  test('is nowhere else in a guideline that goes through its actions once', () => {
    const once = { ...guideline, rounds: 1 };
    const state = study((_, key) => 0.78 + luck(key) / 10, { workers: 8, guideline: once, budget: { iterations: 60 } });
    const twice = study((_, key) => 0.78 + luck(key) / 10, { workers: 8, budget: { iterations: 60 } });
    expect(outcome(state)?.outcome).toBe('exhausted');
    expect(outcome(twice)?.outcome).toBe('exhausted');
    expect(iterations(state).length).toBeLessThan(iterations(twice).length);
  });

  test('is the second best setting once everything around the best was tried', () => {
    const around = ({ initialLr, optimizer, epochs = 40, warmupEpochs }: Setting) =>
      optimizer === 'sgd' && epochs === 40 && warmupEpochs === setting.warmupEpochs
        ? initialLr === setting.initialLr
          ? 0.786
          : initialLr === setting.initialLr / 2
            ? 0.783
            : 0.75
        : 0.75;
    const state = study((its, key) => around(its) + luck(key) / 10, { workers: 8, budget: { iterations: 60 } });
    expect(outcome(state)?.outcome).toBe('exhausted');
    const tuned = iterations(state).filter(({ action }) => action !== 'validate');
    const second = tuned.find(({ setting: its }) => around(its) === 0.783)!;
    const from = tuned.map(({ parent }) => parent);
    expect(from).toContain(second.number);
    // All from the best comes first.
    expect(from.lastIndexOf(0)).toBeLessThan(from.indexOf(second.number));
    const settings = tuned.map(({ setting: its }) => canonicalJson({ ...its, epochs: its.epochs ?? 40 }));
    expect(new Set(settings).size).toBe(settings.length);
  });
});

test('before a study gives up, it validates what has a chance of 2 % or more', () => {
  const state = study((_, key) => 0.789 + luck(key) / 4, { workers: 8, budget: { iterations: 60 } });
  expect(outcome(state)?.outcome).toBe('exhausted');
  const said = decisions(state).flatMap(
    ({ reason }) => /no action is left from the best setting, and iteration \d+ has a (\d+) %/.exec(reason)?.[1] ?? [],
  );
  expect(said.map(Number)).not.toHaveLength(0);
  expect(Math.max(...said.map(Number))).toBeLessThan(10);
  expect(Math.min(...said.map(Number))).toBeGreaterThanOrEqual(2);
  const hopeless = study((_, key) => 0.78 + luck(key) / 4, { workers: 8, budget: { iterations: 60 } });
  expect(iterations(hopeless).every(({ action }) => action !== 'validate')).toBe(true);
});
