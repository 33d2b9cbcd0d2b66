import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { type IterationRange, openStore, type Store } from '../../db/index.ts';
import { historyCsv } from '../../src/report/history/csv.ts';
import { lastIterations, studyHistory } from '../../src/report/history/history.ts';
import { historyText } from '../../src/report/history/text.ts';
import { withParts } from '../../src/report/parts.ts';
import { bestOnTestPart, partsText } from '../../src/report/parts-text.ts';
import { shownPart } from '../../src/report/show/show.ts';
import { shownText } from '../../src/report/show/text.ts';
import { studyReport } from '../../src/report/study-report/study-report.ts';
import { type StoredStudyOptions, startSetting, storeStudy, table62 } from './stored-study.ts';

const plain = { width: 200, colors: pc.createColors(false) };
const nowMs = Date.UTC(2026, 1, 1);

function stored(...studies: StoredStudyOptions[]): Store {
  const store = openStore({ path: ':memory:' });
  for (const study of studies) storeStudy(store, study);
  return store;
}

function history(options: StoredStudyOptions = table62) {
  const store = stored(options);
  return measured(store);
}

function measured(store: Store, range?: IterationRange) {
  const study = store.studies()[0]!;
  return withParts(store, study, studyHistory(store, study, { range }));
}

/** Table 6.2 with two classes, chosen on validation, with the test part of the baseline and of iterations 1 and 4. */
function storedParts(): Store {
  const store = stored(table62);
  for (const [key, dice, tumour] of [
    ['baseline-1', 0.8132, 0.7],
    ['iteration-1', 0.7789, 0.6],
    ['validation-4-1', 0.8141, Number.NaN],
  ] as const) {
    const runId = `atrium.${key}`;
    const metrics = store.run(runId)!.metrics!;
    const classes = { liver: { dice: 0.95, recall: 0.9 }, tumour: { dice: tumour, recall: 0.5 } };
    store.insertEvaluation({ runId, attempt: 1, split: 'validation', metrics, classes, timeMs: 1 });
    store.insertEvaluation({ runId, attempt: 1, split: 'test', metrics: { dice: dice - 0.1 }, classes, timeMs: 2 });
  }
  return store;
}

describe("a study's history", () => {
  it('has a row for every iteration, trained or not, as the thesis has', () => {
    const { baseline, iterations } = history();
    expect(baseline).toMatchObject({ iteration: null, action: null, workers: 1, runs: 1, state: 'finished' });
    expect(iterations.map(({ iteration, action, state, verdict }) => [iteration, action, state, verdict])).toEqual([
      [0, 'applyDefaults', 'notTrained', null],
      [1, 'decreaseInitialLr', 'finished', 'improved'],
      [2, 'decreaseInitialLr', 'finished', 'degraded'],
      [3, 'increaseDecayCoefficient', 'finished', 'reached'],
      [4, 'validate', 'finished', 'confirmed'],
    ]);
  });

  it('says what changed against the iteration a setting came from, not the one before', () => {
    const { iterations } = history();
    expect(iterations[3]!.changes).toEqual([{ field: 'decayCoefficient', from: 3, to: 4.5 }]);
    expect(iterations[2]!.changes).toEqual([{ field: 'initialLr', from: 0.25, to: 0.125 }]);
    expect(iterations[4]!.changes).toEqual([]);
  });

  it('gives each metric with its difference to the baseline', () => {
    const dice = history().iterations[1]!.metrics.dice!;
    expect(dice).toMatchObject({ mean: 0.7789, sd: null, n: 1 });
    expect(dice.difference).toBeCloseTo(0.7789 - 0.8132, 12);
  });

  it('gives mean, sample standard deviation and n of several baseline runs', () => {
    const { baseline, iterations } = history({
      ...table62,
      baseline: [{ dice: 0.81 }, { dice: 0.83 }, { dice: 0.82 }],
    });
    expect(baseline!.metrics.dice!.mean).toBeCloseTo(0.82, 12);
    expect(baseline!.metrics.dice!.sd).toBeCloseTo(0.01, 12);
    expect(baseline!.metrics.dice!.n).toBe(3);
    expect(iterations[1]!.metrics.dice!.difference).toBeCloseTo(0.7789 - 0.82, 12);
    expect(iterations[1]!.metrics.meanIoU!.difference).toBeNull();
  });

  it('adds up time and worker-hours', () => {
    const { totals, iterations } = history();
    expect(iterations[1]).toMatchObject({ seconds: 60, workers: 16 });
    expect(totals).toMatchObject({ runs: 5, seconds: 300 });
    expect(totals.workerHours).toBeCloseTo((60 + 4 * 16 * 60) / 3600, 12);
  });

  it('lists only the last iterations when asked, with totals, best and parents of the whole study', () => {
    for (const outcome of ['noLoss', 'exhausted'] as const) {
      const store = stored({ ...table62, outcome });
      const study = store.studies()[0]!;
      const whole = studyHistory(store, study);
      const range = lastIterations(store, study, 2);
      expect(range).toEqual({ from: 3, to: 4 });
      expect(studyHistory(store, study, { range })).toEqual({
        ...whole,
        iterations: whole.iterations.filter(({ iteration }) => iteration !== null && iteration >= 3),
      });
    }
  });

  it('has as best the confirmed setting with all its runs, else the one whose runs together are best', () => {
    const { best } = history();
    expect(best).toMatchObject({ iteration: 3, iterations: [3, 4], runs: 2, verdict: 'confirmed' });
    expect(best!.metrics.dice!.mean).toBeCloseTo((0.8119 + 0.8141) / 2, 12);
    expect(best!.intervals.dice!.low).toBeLessThan(0.8119);
    const rows = [...table62.rows.slice(0, 3), { action: 'extendDecay' as const, metrics: { dice: Number.NaN } }];
    expect(history({ ...table62, outcome: 'exhausted', rows }).best).toMatchObject({ iterations: [1], runs: 1 });
    expect(history({ ...table62, outcome: null, rows: [] }).best).toBeNull();
  });

  it('counts a validation that did not confirm with the setting it refuted', () => {
    const [none, first, second] = table62.rows;
    const rows = [
      none!,
      { ...first!, metrics: { dice: 0.8 } },
      { action: 'validate' as const, metrics: { dice: 0.6 }, verdict: 'notConfirmed' as const },
      { ...second!, parent: 1, metrics: { dice: 0.75 } },
    ];
    expect(history({ ...table62, outcome: 'exhausted', rows }).best).toMatchObject({ iterations: [3], runs: 1 });
    const better = [...rows.slice(0, 3), { ...second!, parent: 1, metrics: { dice: 0.65 } }];
    const refuted = history({ ...table62, outcome: 'exhausted', rows: better });
    expect(refuted.best).toMatchObject({ iterations: [1, 2], runs: 2, verdict: 'notConfirmed' });
    expect(historyText(refuted, plain)).toContain('The best so far (iterations 1 and 2, not confirmed) has dice 0.700');
  });

  it.each(['val_loss', 'hd95'])('has as best the lowest %s', (name) => {
    const store = stored({
      ...table62,
      outcome: null,
      metrics: [name],
      baseline: [{ [name]: 3 }],
      rows: [5, 2, 4].map((value, index) => ({
        action: 'decreaseInitialLr',
        setting: { initialLr: 1 / (index + 1) },
        metrics: { [name]: value },
      })),
    });
    expect(measured(store).best).toMatchObject({ iteration: 1, metrics: { [name]: { mean: 2 } } });
    expect(measured(store).definitions[name]).toMatchObject({ direction: 'lower' });
  });

  it('counts of a run that goes on the time between its signs of life', () => {
    const store = stored({ ...table62, outcome: null });
    const run = { id: 'atrium.x', studyId: 'atrium', key: 'x', kind: 'validation' as const, iteration: 4, repeat: 2 };
    const more = {
      workers: 16,
      seed: 1,
      setting: startSetting,
      origin: 'trained' as const,
      simulated: false,
      createdMs: 0,
    };
    store.insertRun({ ...run, ...more });
    store.markRunStarted(run.id, nowMs - 3_600_000);
    const attempt = { name: 'a', runId: run.id, number: 1, launcher: 'slurm', resumeFrom: null, secret: null };
    store.insertAttempt({ ...attempt, createdMs: nowMs });
    store.markAttemptStarted('a', {}, nowMs);
    store.markAttemptSeen('a', { fromMs: nowMs + 600_000 });
    store.markAttemptSeen('a', { fromMs: nowMs + 630_000 });
    const row = studyHistory(store, store.studies()[0]!).iterations[4]!;
    expect(row).toMatchObject({ state: 'running', seconds: 90, runs: 1 });
  });
});

describe('the printed history', () => {
  it('is the table of the thesis with differences in points', () => {
    const text = historyText(history(), plain);
    const rows = text.split('\n').map((line) => line.replace(/\s+/g, ' ').trim());
    expect(rows).toContain('baseline 0.813 0.961 0.891 1 min 00 s 1');
    expect(rows).toContain('0 apply default parameters not trained 16');
    expect(rows).toContain(
      '2 decrease the initial rate: 0.25 \u2192 0.125 0.684 (\u221212.9) 0.842 (\u221211.9) 0.769 (\u221212.2) degraded 1 min 00 s 16',
    );
    expect(rows).toContain('4 validate 0.814 (+0.1) 0.965 (+0.4) 0.894 (+0.3) confirmed 1 min 00 s 16');
  });

  it('ends with the outcome, the setting that did it, and the cost', () => {
    const text = historyText(history(), plain).replace(/\s+/g, ' ');
    expect(text).toContain(
      'Outcome noLoss: training on 16 workers costs no accuracy beyond what its decision rule allows; confirmed after 4 iterations.',
    );
    expect(text).toContain(
      "dice 0.813 \u00b1 0.002 (2 runs, 95 % interval 0.799 to 0.827) against the baseline's 0.813 (1 run, spread unknown), a difference of 0.0 points, spread unknown: cannot tell which is better.",
    );
    expect(text).toContain('Setting: initial rate 0.5 \u2192 0.25, decay coefficient 3 \u2192 4.5.');
    expect(text).toContain('It took 5 runs, 5 min 00 s of training, 1.1 worker-hours.');
  });

  it('says how many iterations it leaves out', () => {
    const store = stored(table62);
    const study = store.studies()[0]!;
    const text = historyText(measured(store, lastIterations(store, study, 1)), plain);
    expect(text).toContain('Iterations 0 to 3 are left out; --all prints them');
    expect(text.replace(/\s+/g, ' ')).toContain('confirmed after 4 iterations');
    expect(historyText(history(), plain)).not.toContain('left out');
  });

  it('says before and after the table that results are simulated, and only then', () => {
    expect(historyText(history({ ...table62, simulated: true }), plain).match(/SIMULATED/g)).toHaveLength(2);
    expect(historyText(history(), plain)).not.toContain('SIMULATED');
  });

  it('names the best setting so far when the outcome is another', () => {
    const text = historyText(history({ ...table62, outcome: 'exhausted' }), plain).replace(/\s+/g, ' ');
    expect(text).toContain('Outcome exhausted: every action of the guideline was tried');
    expect(text).toContain('The best so far (iterations 3 and 4) has dice 0.813');
  });

  it('has no line wider than the terminal', () => {
    const lines = historyText(history(), { ...plain, width: 92 }).split('\n');
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(92);
  });

  it('is CSV with one number a column', () => {
    const [header, ...rows] = historyCsv(history()).trim().split('\n');
    expect(header).toContain('dice,diceSd,diceDifference');
    expect(rows).toHaveLength(7);
    expect(rows.at(-1)).toMatch(/^atrium,best,increaseDecayCoefficient,0\.25,4\.5,5,15,sgd,40,16,2,0\.813/);
    expect(rows[2]).toMatch(/^atrium,1,decreaseInitialLr,0\.25,3,5,15,sgd,40,16,1,0\.7789,,-0\.0343/);
  });
});

describe('the parts of the data and the classes of a history', () => {
  it('are listed part by part and class by class, each against the baseline on the same part', () => {
    const text = partsText(measured(storedParts()), plain);
    expect(text).toMatch(/^ +baseline +validation +all +0\.813 *$/m);
    expect(text).toMatch(/^1 +decrease the initial rate +validation +all +0\.779 \(\u22123\.4\)$/m);
    expect(text).toMatch(/^ +tumour +0\.600 \(\u221210\.0\) +0\.500 \(0\.0\)$/m);
    expect(text).toMatch(/^ +test +all +0\.679 \(\u22123\.4\)$/m);
  });

  it('show no number for a class that the part does not have', () => {
    const { tumour } = measured(storedParts()).iterations.at(-1)!.parts[0]!.classes;
    expect(tumour).not.toHaveProperty('dice');
    expect(tumour).toHaveProperty('recall');
  });

  it('are told below the table where the test part is not what the table shows', () => {
    const text = historyText(measured(storedParts()), plain).replace(/\s+/g, ' ');
    expect(text).toContain(
      'On the test part, which confirms them, dice \u2191 is: baseline 0.713; decrease the initial rate 0.679 (\u22123.4); validate 0.714 (+0.1).',
    );
    expect(historyText(history(), plain)).not.toContain('test part');
    const best = bestOnTestPart(measured(storedParts()));
    expect(best).toMatch(
      /On the test part, .* 0\.\d{3} against the baseline's 0\.713, a difference of [+\u2212]\d\.\d points, spread unknown: cannot tell which is better/,
    );
  });

  it('end each row of the CSV, and are shown for one iteration', () => {
    const store = storedParts();
    const [header, ...rows] = historyCsv(measured(store)).trim().split('\n');
    expect(header).toMatch(/reason,validation\.dice,.*test\.tumour\.dice,test\.tumour\.recall$/);
    expect(rows[2]).toMatch(/,0\.6,0\.5$/);
    const shown = shownPart({ store, study: store.studies()[0]!, part: '1' });
    expect(shown.runs[0]!.evaluations.map(({ split }) => split)).toEqual(['validation', 'test']);
    expect(shownText(shown, plain)).toMatch(
      /^test +dice \u2191 0\.679 \(\u22123\.4\)\n {2}liver: dice \u2191 0\.950 \(0\.0\), recall/m,
    );
  });

  it('are a section of the report, and none where there is one part and no class', () => {
    const titles = (store: Store) =>
      studyReport({ store, study: store.studies()[0]! }).document.sections.map(({ title }) => title);
    expect(titles(storedParts())).toContain('Parts of the data and classes');
    expect(titles(stored(table62))).not.toContain('Parts of the data and classes');
  });
});

describe('one part of a study', () => {
  const show = (part?: string, options = table62) => {
    const store = stored(options);
    return shownPart({ store, study: store.studies()[0]!, part });
  };

  it('is the last iteration when none is named', () => {
    expect(show()).toMatchObject({ what: 'iteration 4', runs: [{ run: { key: 'validation-4-1' } }] });
  });

  it('has the full reason of its decision, what the rule saw, and the curves', () => {
    const text = shownText(show('2'), plain);
    expect(text).toContain('dice 0.779 \u2192 0.684 (\u22120.095): degraded.');
    expect(text).toContain('what the rule saw: dice 0.684, baselineDice 0.813');
    expect(text).toContain('changed   initial rate 0.25 \u2192 0.125');
    expect(text).toContain('rate (warmup 1 to 1, stabilization 2 to 2, decay 3 to 3)');
    expect(text).toMatch(/^training loss \u2193$/m);
    expect(text).toMatch(/[\u2801-\u28ff]/);
  });

  it('is one run when its key is named', () => {
    const three = { ...table62, baseline: [{ dice: 0.8 }, { dice: 0.82 }] };
    expect(show('baseline-2', three).runs.map(({ run }) => run.metrics)).toEqual([{ dice: 0.82 }]);
    expect(show('baseline', three).runs).toHaveLength(2);
  });

  it('says so when an iteration was not trained', () => {
    expect(shownText(show('0'), plain)).toContain('It was not trained.');
  });

  it('names what there is when the part is unknown', () => {
    expect(() => show('9')).toThrow('atrium has no iteration or run "9". There are iterations 0 to 4');
    expect(() => show('iteration-33')).toThrow('Did you mean "iteration-3"?');
  });
});

describe('the price of a longer training', () => {
  const longer = {
    baseline: [{ dice: 0.86 }],
    workers: 18,
    rows: [
      { action: 'applyDefaults' as const, metrics: null },
      {
        action: 'extendTraining' as const,
        parent: 0,
        setting: { epochs: 60, decayEpochs: 23 },
        metrics: { dice: 0.865 },
      },
    ],
  };

  it('is shown beside settings that an earlier version stored without epochs', () => {
    const shown = history(longer);
    expect(shown.iterations[0]?.setting?.epochs).toBe(40);
    expect(shown.iterations[1]?.changes).toContainEqual({ field: 'epochs', from: 40, to: 60 });
    expect(historyText(shown, plain)).toContain('train longer: 40 → 60, decay 15 → 23');
  });

  it('is what remains of the speed-up, and the hours measured', () => {
    expect(historyText(history(longer), plain).replace(/\s+/g, ' ')).toContain(
      'It trains 60 epochs, one worker 40: 12 of 18 times the speed; measured: 1 min 00 s a run on 18 workers, 1 min 00 s on one.',
    );
  });
});
