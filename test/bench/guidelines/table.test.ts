import { describe, expect, it } from 'vitest';
import { uniformFrom } from '../../../bench/decision-rules/noise.ts';
import { tableOf } from '../../../bench/guidelines/table.ts';
import { taskNamed } from '../../../bench/guidelines/tasks.ts';
import type { Setting } from '../../../src/domain/setting.ts';
import { tinyRuns, tinyTable } from './tiny-table.ts';

const half: Setting = { initialLr: 0.4, warmupEpochs: 5, decayEpochs: 15, decayCoefficient: 3, optimizer: 'sgd' };
const draws = 4000;

describe('the table of a task', () => {
  const table = tinyTable();
  const metricsOf = (setting: Setting) => {
    const uniform = uniformFrom(1);
    return Array.from({ length: draws }, () => table.draw(setting, uniform).metric);
  };
  const mean = (values: (number | null)[]) =>
    values.reduce<number>((sum, value) => sum + (value ?? 0), 0) / values.length;

  it('draws runs of a recorded setting around the mean of its own', () => {
    expect(mean(metricsOf(half))).toBeCloseTo(0.86, 3);
    expect(table.trueMean(half)).toBeCloseTo(0.86, 10);
  });

  it('draws them as wide as single runs scatter, not as their mean does', () => {
    const values = metricsOf(half).map((value) => value ?? 0);
    const spread = Math.sqrt(mean(values.map((value) => (value - 0.86) ** 2)));
    expect(spread).toBeGreaterThan(0.0019);
    expect(spread).toBeLessThan(0.0026);
  });

  it('draws baselines around the one worker', () => {
    const uniform = uniformFrom(2);
    expect(mean(Array.from({ length: draws }, () => table.drawBaseline(uniform).metric))).toBeCloseTo(0.86, 3);
  });

  it('puts a setting between two recorded ones between their means', () => {
    const between = table.trueMean({ ...half, initialLr: 0.566 });
    expect(between).toBeGreaterThan(0.81);
    expect(between).toBeLessThan(0.855);
  });

  it('takes a point off for each doubling of the rate beyond what is recorded', () => {
    expect(table.trueMean({ ...half, initialLr: 0.1 })).toBeCloseTo(
      table.trueMean({ ...half, initialLr: 0.2 }) - 0.01,
      10,
    );
  });

  it('lets runs diverge as often as the recorded ones, and holds that against the setting', () => {
    const adam: Setting = { ...half, optimizer: 'adam', initialLr: 0.001 };
    const lost = metricsOf(adam).filter((metric) => metric === null).length / draws;
    expect(lost).toBeGreaterThan(0.46);
    expect(lost).toBeLessThan(0.54);
    expect(table.trueMean(adam)).toBeCloseTo(0.86, 10);
    expect(table.isNoLoss(adam)).toBe(false);
    const uniform = uniformFrom(3);
    const run = Array.from({ length: 20 }, () => table.draw(adam, uniform)).find(({ metric }) => metric === null);
    expect(run).toEqual({ metric: null, curve: [0.4, 0], part: 0.25 });
  });

  it('says what is without loss by the margin of the task', () => {
    expect(table.isNoLoss(half)).toBe(true);
    expect(table.isNoLoss({ ...half, initialLr: 0.8 })).toBe(false);
    expect(tinyTable(-0.0101).isNoLoss(half)).toBe(false);
  });

  it('draws the part that settings are chosen on beside the one that confirms, where runs have both', () => {
    const apart = tinyRuns.map((run) => ({ ...run, validation: run.metric === null ? null : run.metric - 0.05 }));
    const both = tableOf(taskNamed('cerebellum'), { runs: apart, workers: 18 });
    const uniform = uniformFrom(4);
    const drawn = Array.from({ length: draws }, () => both.draw(half, uniform));
    expect(mean(drawn.map(({ metric }) => metric))).toBeCloseTo(0.81, 3);
    expect(mean(drawn.map(({ confirming }) => confirming ?? null))).toBeCloseTo(0.86, 3);
    expect(both.trueMean(half)).toBeCloseTo(0.86, 10);
    expect(both.isNoLoss(half)).toBe(true);
    expect(table.draw(half, uniform).confirming).toBeUndefined();
    const { metric, confirming } = both.drawBaseline(uniform);
    expect((confirming ?? 0) - metric).toBeCloseTo(0.05, 2);
  });

  it('refuses an optimizer that nobody recorded', () => {
    expect(() => table.trueMean({ ...half, optimizer: 'lars' })).toThrow(/optimizer lars/);
    expect(table.optimizers).toEqual(['sgd', 'adam']);
  });

  it('refuses a task without a baseline, and says what records one', () => {
    const runs = tinyRuns.filter(({ workers }) => workers > 1);
    expect(() => tableOf(taskNamed('cerebellum'), { runs, workers: 18 })).toThrow(/record --tasks cerebellum/);
  });
});
