import { describe, expect, it } from 'vitest';
import { crossChecks } from '../../../src/config/checks/cross-checks.ts';
import { resolveStudyConfig } from '../../../src/config/resolve.ts';
import { studyConfig } from '../../../src/config/study-config.ts';
import { askStudy, openStore, runStudy, tellStudy } from '../../../src/index.ts';
import { studyHistory } from '../../../src/report/history/history.ts';
import { exampleConfig, findings, temporaryProject } from '../example-study.ts';
import { simulatedJobs } from '../simulated-jobs.ts';

const config = exampleConfig();

function asking() {
  const store = openStore({ path: ':memory:' });
  const ask = () => askStudy({ store, config, directory: '/project' });
  const tell = (run: string | undefined, dice: number) =>
    tellStudy({ store, study: 'example', run, result: { metrics: { dice, meanAccuracy: dice, meanIoU: dice } } });
  return { store, ask, tell };
}

describe('ask and tell', () => {
  it('comes to the same decisions as a run that trains the same results', async () => {
    const trained = openStore({ path: ':memory:' });
    await runStudy({ config, directory: temporaryProject(), store: trained, launcher: simulatedJobs().launcher() });
    const { store, ask } = asking();
    for (let asked = ask(); asked.outcome === null; asked = ask()) {
      for (const { key } of asked.runs) {
        const metrics = trained.runByKey('example', key)?.metrics ?? {};
        tellStudy({ store, study: 'example', run: key, result: { metrics } });
      }
    }
    // Told results are of no part of the data that anybody named.
    const onPart = ', settings chosen and judged on the test part, as there is no validation part';
    expect(JSON.stringify(findings(trained))).toContain(onPart);
    // Nor has anybody seen their curves.
    const study = trained.study('example')!.id;
    const curves = trained.eventsOf(study, { types: ['run.finished'] }).flatMap(({ event }) => event.curves ?? []);
    expect(curves).not.toEqual([]);
    const bare = [onPart, ...curves.map(({ text }) => ` (${text})`)].reduce(
      (text, part) => text.replaceAll(part, ''),
      JSON.stringify(findings(trained)),
    );
    expect(findings(store)).toEqual(JSON.parse(bare));
    expect(store.runsOf('example').every(({ origin }) => origin === 'told')).toBe(true);
  });

  it('asks the same again until it is told', () => {
    const { ask, tell } = asking();
    const first = ask();
    expect(first.runs).toMatchObject([
      { key: 'baseline-1', workers: 1, epochs: 14, seed: expect.any(Number), why: expect.stringContaining('baseline') },
    ]);
    expect(first.runs[0]?.lrPerEpoch).toHaveLength(15);
    expect(ask()).toEqual(first);
    tell('baseline-1', 0.85);
    expect(ask().runs.map(({ key }) => key)).toEqual(['iteration-1']);
  });

  it('stores the project folder as one that is found from anywhere', () => {
    const { store } = asking();
    askStudy({ store, config, directory: '.' });
    expect(store.study('example')?.directory).toBe(process.cwd());
  });

  it('takes the same result twice without harm, and refuses another one for the same run', () => {
    const { store, ask, tell } = asking();
    ask();
    const told = tell(undefined, 0.85);
    expect(told).toMatchObject({ run: 'baseline-1', repeated: false, decisions: [{ verdict: 'baseline' }] });
    expect(tell('baseline-1', 0.85)).toMatchObject({ repeated: true, decisions: [{ verdict: 'baseline' }] });
    expect(() => tell('baseline-1', 0.9)).toThrow(expect.objectContaining({ code: 'tell.differs' }));
    expect(store.decisionsOf('example')).toHaveLength(1);
  });

  it('says which runs are wanted when another is told, and which metric is missing', () => {
    const { store, ask, tell } = asking();
    ask();
    expect(() => tell('iteration-7', 0.85)).toThrow(/wants: baseline-1/);
    expect(() => tellStudy({ store, study: 'example', result: { metrics: { accuracy: 0.9 } } })).toThrow(
      /no "dice", only "accuracy"/,
    );
    expect(() => tellStudy({ store, study: 'nothing', result: { failed: 'x' } })).toThrow(
      /no study "nothing".*example/,
    );
  });
});

describe('a baseline that is known already', () => {
  it('is not trained, and is stored as given', () => {
    const store = openStore({ path: ':memory:' });
    const runs = [0.84, 0.85, 0.86].map((dice) => ({ dice, meanAccuracy: 0.9, meanIoU: 0.8 }));
    const given = exampleConfig({ baseline: { runs } });
    const { runs: asked } = askStudy({ store, config: given, directory: '/project' });
    expect(asked.map(({ key }) => key)).toEqual(['iteration-1']);
    expect(store.runsOf('example').filter(({ kind }) => kind === 'baseline')).toMatchObject(
      runs.map((metrics) => ({ origin: 'given', state: 'finished', metrics })),
    );
  });

  it.each([[{ rule: 'nonInferiority', metrics: ['dice'] }], [{ rule: 'thesis', metrics: ['dice'] }]])(
    'may be named by mean, spread and number of runs, for the rule %o',
    (decision) => {
      const store = openStore({ path: ':memory:' });
      const baseline = { mean: { dice: 0.85 }, sd: { dice: 0.01 }, n: 5 };
      const given = exampleConfig({ baseline, decision });
      const ask = () => askStudy({ store, config: given, directory: '/project' });
      expect(ask().runs.map(({ key }) => key)).toEqual(['iteration-1']);
      expect(store.decisionsOf('example')[0]).toMatchObject({ observed: { runs: 5, dice: 0.85 } });
      expect(store.runsOf('example').filter(({ kind }) => kind === 'baseline')).toMatchObject([{ origin: 'given' }]);
      tellStudy({ store, study: 'example', result: { metrics: { dice: 0.849 } } });
      expect(store.decisionsOf('example').at(-1)).toMatchObject({ verdict: 'reached' });
      // Asking folds the whole log anew.
      expect(ask().runs.map(({ key }) => key)).toEqual(['validation-2-1']);
      const study = store.study('example')!;
      expect(studyHistory(store, study).baseline?.metrics.dice).toMatchObject({ mean: 0.85, sd: 0.01, n: 5 });
    },
  );

  it.each([
    [{ mean: { dice: 0.85 } }, /baseline\.n is missing/],
    [{ mean: { dice: 0.85 }, n: 5 }, /baseline\.sd has no dice/],
    [{ mean: { iou: 0.85 }, n: 5 }, /baseline\.mean has no dice/],
    [{ mean: { dice: 85 }, sd: { dice: 1 }, n: 5 }, /baseline\.mean\.dice is 85.*fraction/],
    [{ mean: { dice: 0.85 }, sd: { dice: 0.01 }, n: 5, seeds: 3 }, /mutually exclusive/],
    [{ sd: { dice: 0.01 }, n: 5 }, /baseline\.mean is missing/],
  ])('given as %o is refused with the field', (baseline, sentence) => {
    const yaml = {
      name: 'example',
      trainer: { kind: 'simulated' },
      workers: 18,
      epochs: 14,
      setting: { initialLr: 0.5 },
      decision: { rule: 'nonInferiority', metrics: ['dice'] },
      baseline,
    };
    const parsed = studyConfig.parse(yaml);
    const problems = crossChecks(resolveStudyConfig(parsed, '/'), parsed).map(({ message }) => message);
    expect(problems.join('\n')).toMatch(sentence);
  });
});
