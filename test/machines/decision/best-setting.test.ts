import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestSetting, type SettingRun, settingEstimates } from '../../../machines/decision/index.ts';
import { knownMetric, type MetricDefinitions } from '../../../src/domain/metric/definition.ts';
import type { Setting } from '../../../src/domain/setting.ts';

const start: Setting = { initialLr: 0.5, decayCoefficient: 3, warmupEpochs: 5, decayEpochs: 15, optimizer: 'sgd' };
const definitions: MetricDefinitions = Object.fromEntries(
  ['dice', 'val_loss', 'hd95'].map((name) => [name, knownMetric(name)!]),
);

/** Iterations 2n and 2n + 1 train the n-th setting; the keys of every other one stand in another order. */
function runOf(metric: string, iteration: number, value: number | null, state = 'finished'): SettingRun {
  const setting = { ...start, initialLr: 1 / (1 + Math.floor(iteration / 2)) };
  const { optimizer, ...rest } = setting;
  const same = iteration % 2 === 0 ? setting : { optimizer, ...rest };
  return { iteration, setting: same, state, metrics: value === null ? null : { [metric]: value } };
}

const value = fc.oneof({ weight: 8, arbitrary: fc.double({ min: 0, max: 50, noNaN: true }) }, fc.constant(Number.NaN));
const metricAndRuns = fc.constantFrom('dice', 'val_loss', 'hd95').chain((metric) =>
  fc.tuple(
    fc.constant(metric),
    fc.array(
      fc
        .tuple(fc.nat(9), value, fc.constantFrom('finished', 'finished', 'finished', 'diverged', 'failed'))
        .map(([iteration, measured, state]) => runOf(metric, iteration, state === 'failed' ? null : measured, state)),
      { maxLength: 20 },
    ),
  ),
);

describe('the best setting', () => {
  it('is the same in whichever order the runs come', () => {
    fc.assert(
      fc.property(
        metricAndRuns.chain(([metric, runs]) =>
          fc.tuple(
            fc.constant(metric),
            fc.constant(runs),
            fc.shuffledSubarray(runs, { minLength: runs.length, maxLength: runs.length }),
          ),
        ),
        ([metric, runs, shuffled]) => {
          const options = { metrics: [metric], definitions };
          expect(bestSetting(shuffled, options)).toEqual(bestSetting(runs, options));
        },
      ),
    );
  });

  it('has the best estimate in the direction of the metric, and never diverged while another did not', () => {
    fc.assert(
      fc.property(metricAndRuns, ([metric, runs]) => {
        const best = bestSetting(runs, { metrics: [metric], definitions });
        const all = settingEstimates(runs, [metric]).filter(({ metrics }) => metrics[metric] !== undefined);
        if (best === null) {
          expect(all).toEqual([]);
          return;
        }
        const sign = definitions[metric]!.direction === 'lower' ? -1 : 1;
        const rivals = all.filter(({ diverged }) => (best.diverged > 0 ? true : diverged === 0));
        for (const { metrics } of rivals)
          expect(sign * (best.metrics[metric]! - metrics[metric]!)).toBeGreaterThanOrEqual(0);
        if (best.diverged > 0) expect(all.every(({ diverged }) => diverged > 0)).toBe(true);
      }),
    );
  });

  it('can only lose by a validation that is worse than its estimate, or that diverges', () => {
    fc.assert(
      fc.property(
        metricAndRuns,
        fc.double({ min: 0.001, max: 50, noNaN: true }),
        fc.boolean(),
        ([metric, runs], loss, diverges) => {
          const options = { metrics: [metric], definitions };
          const best = bestSetting(runs, options);
          fc.pre(best !== null);
          const sign = definitions[metric]!.direction === 'lower' ? -1 : 1;
          const worse = best.metrics[metric]! - sign * loss;
          const validation = diverges
            ? runOf(metric, best.iterations[0]!, null, 'diverged')
            : runOf(metric, best.iterations[0]!, worse);
          const after = settingEstimates([...runs, validation], [metric]).find(
            ({ iterations }) => iterations[0] === best.iterations[0],
          )!;
          expect(after.runs).toBe(best.runs + 1);
          const change = 0 + sign * (after.metrics[metric]! - best.metrics[metric]!);
          if (diverges) expect([change, after.diverged]).toEqual([0, best.diverged + 1]);
          else expect(change).toBeLessThan(0);
        },
      ),
    );
  });

  it('is the confirmed one of a study that found one, whatever a refuted one had', () => {
    const runs = [runOf('dice', 0, 0.9), runOf('dice', 1, 0.82), runOf('dice', 2, 0.81), runOf('dice', 3, 0.82)];
    expect(bestSetting(runs, { metrics: ['dice'] })?.iterations).toEqual([0, 1]);
    expect(bestSetting(runs, { metrics: ['dice'], confirmed: 3 })?.iterations).toEqual([2, 3]);
  });

  it('is told by the next metric, then by the order, where the first is equal', () => {
    const both = (iteration: number, dice: number, meanIoU: number) => ({
      ...runOf('dice', iteration, dice),
      metrics: { dice, meanIoU },
    });
    const metrics = ['dice', 'meanIoU'];
    expect(bestSetting([both(0, 0.8, 0.6), both(2, 0.8, 0.7)], { metrics })?.iterations).toEqual([2]);
    expect(bestSetting([both(2, 0.8, 0.7), both(0, 0.8, 0.7)], { metrics })?.iterations).toEqual([0]);
  });

  it('is none before a run has the primary metric', () => {
    expect(
      bestSetting([runOf('dice', 0, null, 'failed'), runOf('dice', 2, null, 'diverged')], { metrics: ['dice'] }),
    ).toBeNull();
  });
});
