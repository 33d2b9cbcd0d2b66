import { describe, expect, it } from 'vitest';
import { uniformFrom } from '../../../bench/decision-rules/noise.ts';
import { anyRecorded, guidelinePolicy } from '../../../bench/guidelines/guideline-policy.ts';
import { openOptuna } from '../../../bench/guidelines/optuna-proposer.ts';
import { proposalsPolicy, randomSearch } from '../../../bench/guidelines/proposals-policy.ts';
import { playStudies, shareOf, summarize } from '../../../bench/guidelines/summary.ts';
import { resolveGuideline } from '../../../machines/guideline/index.ts';
import { tinyTable } from './tiny-table.ts';

const terms = { baselineRuns: 5, maxRuns: 8, iterations: 20 };
const thesis = guidelinePolicy(resolveGuideline('thesis'));

describe('a policy against a tiny table', () => {
  it('finds the half rate by the thesis, and pays for the baseline too', async () => {
    const study = await thesis(tinyTable(), terms, uniformFrom(1));
    expect(study).toMatchObject({
      outcome: 'noLoss',
      wrong: false,
      speedUp: 18,
      setting: { initialLr: 0.4, optimizer: 'sgd' },
    });
    // Five of one worker, the run that reached it, and at least two that validated.
    expect(study.runs).toBeGreaterThanOrEqual(8);
    expect(study.cost).toBe(study.runs);
  });

  it('plays the same study again with the same random numbers', async () => {
    expect(await thesis(tinyTable(), terms, uniformFrom(5))).toEqual(await thesis(tinyTable(), terms, uniformFrom(5)));
  });

  it('may start from any recorded setting, and then finds one without loss too', async () => {
    const table = tinyTable();
    const starts = [0, 0.5, 0.999].map((at) => anyRecorded(table, () => at));
    expect(starts).toEqual([0, 0.5, 0.999].map((at) => table.points[Math.floor(at * table.points.length)]?.setting));
    const elsewhere = guidelinePolicy(resolveGuideline('anytime'), anyRecorded);
    const studies = await playStudies({ policy: elsewhere, table, terms, studies: 20 });
    expect(studies.filter(({ outcome }) => outcome === 'noLoss').length).toBeGreaterThan(10);
  });

  it('finds nothing where nothing is without loss', async () => {
    const studies = await playStudies({ policy: thesis, table: tinyTable(-0.05), terms, studies: 20 });
    expect(summarize({ policy: 'thesis', table: tinyTable(-0.05) }, studies)).toMatchObject({
      noLoss: { share: 0 },
      costPerAnswer: null,
      speedUp: null,
    });
  });

  it('finds it by random search, and says what longer training leaves of the speed', async () => {
    const studies = await playStudies({ policy: randomSearch, table: tinyTable(), terms, studies: 40 });
    const answers = studies.filter(({ outcome }) => outcome === 'noLoss');
    expect(answers.length).toBeGreaterThan(30);
    for (const { setting, speedUp } of answers) expect(speedUp).toBeCloseTo((18 * 40) / (setting?.epochs ?? 40), 10);
  });

  it('pays for a run that was stopped early no more than was trained, and does not validate it', async () => {
    const stopper = proposalsPolicy(() => ({
      propose: () => ({ initialLr: 0.4, warmupEpochs: 5, decayEpochs: 15, decayCoefficient: 3, optimizer: 'sgd' }),
      trained: () => 3,
    }));
    const study = await stopper(tinyTable(), terms, uniformFrom(1));
    expect(study.outcome).toBe('budgetSpent');
    expect(study.cost).toBeCloseTo(5 + 20 * 0.3, 10);
  });

  it('stops within the budget of iterations, a validation counting once', async () => {
    let trained = 0;
    const policy = proposalsPolicy(() => ({
      propose: () => ({ initialLr: 0.4, warmupEpochs: 5, decayEpochs: 15, decayCoefficient: 3, optimizer: 'sgd' }),
      trained: () => {
        trained++;
        return null;
      },
    }));
    await policy(tinyTable(-0.012), { ...terms, iterations: 10 }, uniformFrom(4));
    expect(trained).toBeGreaterThanOrEqual(5);
    expect(trained).toBeLessThanOrEqual(10);
  });
});

describe('Optuna', () => {
  it('is refused by name where its Python does not start', async () => {
    await expect(openOptuna('/no/such/python')).rejects.toThrow(/\/no\/such\/python/);
  });
});

describe('a share', () => {
  it.each([
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [5, 10, 0.2366, 0.7634],
  ])('%i of %i lies between %f and %f', (count, of, low, high) => {
    const share = shareOf(count, of);
    expect(share.low).toBeCloseTo(low, 3);
    expect(share.high).toBeCloseTo(high, 3);
  });
});
