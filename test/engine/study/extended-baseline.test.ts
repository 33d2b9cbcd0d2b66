import { join } from 'node:path';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../db/index.ts';
import { resolveStudyConfig } from '../../../src/config/resolve.ts';
import { studyConfig } from '../../../src/config/study-config.ts';
import { runStudy } from '../../../src/engine/study/run-study.ts';
import { studyHistory } from '../../../src/report/history/history.ts';
import { historyText } from '../../../src/report/history/text.ts';
import { withParts } from '../../../src/report/parts.ts';
import { shownPart } from '../../../src/report/show/show.ts';
import { shownText } from '../../../src/report/show/text.ts';
import { findings, temporaryProject } from '../example-study.ts';
import { runOf, simulatedJobs } from '../simulated-jobs.ts';

/** Four workers train 30 epochs, one worker 20: what is confirmed has a price. */
function setUp(path = ':memory:') {
  const directory = temporaryProject();
  const config = (extend: 'never' | 'check') =>
    resolveStudyConfig(
      studyConfig.parse({
        name: 'example',
        trainer: { kind: 'simulated', noise: 0.001 },
        workers: 4,
        epochs: 20,
        setting: { initialLr: 0.1 },
        start: { epochs: 30 },
        decision: { rule: 'nonInferiority' },
        guideline: 'anytime',
        baseline: { seeds: 3, extend },
        concurrentRuns: 2,
      }),
      directory,
    );
  const store = openStore({ path: path === ':memory:' ? path : join(directory, path) });
  return { store, directory, config, jobs: simulatedJobs() };
}

const runsOf = ({ started }: ReturnType<typeof simulatedJobs>) => started.map(({ attempt }) => runOf(attempt));

describe('a baseline that is asked to train as long as the confirmed setting', () => {
  it('is trained on one worker with its own seeds, and every page says what it found', async () => {
    const { store, directory, config, jobs } = setUp();
    const end = await runStudy({ store, directory, config: config('check'), launcher: jobs.launcher() });
    expect(end).toMatchObject({ state: 'ended', outcome: 'noLoss' });
    const runs = store.runsOf('example');
    const seedOf = (key: string) => runs.find((run) => run.key === key)?.seed;
    const longer = runs.filter(({ key }) => key.startsWith('extended-baseline-'));
    expect(longer).toMatchObject(
      [1, 2, 3].map((n) => ({
        key: `extended-baseline-${n}`,
        workers: 1,
        state: 'finished',
        seed: seedOf(`baseline-${n}`),
        setting: { epochs: 30 },
      })),
    );
    const study = store.study('example')!;
    const history = studyHistory(store, study);
    expect(history.baseline?.runs).toBe(3);
    expect(history.extendedBaseline).toMatchObject({ epochs: 30, state: 'noLoss', runs: 3 });
    expect(history.best?.workers).toBe(4);
    expect(history.iterations.at(-1)).toMatchObject({ action: 'extendBaseline', workers: 1, runs: 3 });
    expect(history.totals.tried).toBe(history.iterations.length - 1);
    const wide = { width: 400, colors: pc.createColors(false) };
    const said =
      /With 30 epochs, one worker has dice 0\.\d{3} \(3 runs, 95 % interval .*\): 4 workers are without loss/;
    expect(historyText(withParts(store, study, history), wide).replaceAll('\n', ' ')).toMatch(said);
    expect(shownText(shownPart({ store, study, part: 'baseline' }), wide)).toMatch(said);
    expect(study.reason).toContain('4 workers are without loss against that too');
  });

  it('may be asked when the study has ended, and nothing is trained again', async () => {
    const { store, directory, config, jobs } = setUp();
    await runStudy({ store, directory, config: config('never'), launcher: jobs.launcher() });
    expect(store.study('example')?.reason).toContain('the baseline was not trained that long');
    expect(studyHistory(store, store.study('example')!).extendedBaseline).toMatchObject({ state: 'notTrained' });
    const before = jobs.started.length;
    const end = await runStudy({ store, directory, config: config('check'), launcher: jobs.launcher() });
    expect(end).toMatchObject({ state: 'ended', outcome: 'noLoss' });
    expect(
      runsOf(jobs)
        .slice(before)
        .every((run) => run.includes('.extended-baseline-')),
    ).toBe(true);
    expect(jobs.started.length).toBe(before + 3);
    const asked = setUp();
    await runStudy({ ...asked, config: asked.config('check'), launcher: asked.jobs.launcher() });
    expect(findings(store)).toEqual(findings(asked.store));
    await expect(runStudy({ store, directory, config: config('never'), launcher: jobs.launcher() })).rejects.toThrow(
      /baseline\.extend: "check" → "never"/,
    );
  });

  it('goes on after a stop in the middle, each run once', async () => {
    const { store, directory, config, jobs } = setUp();
    const stop = new AbortController();
    const end = await runStudy({
      store,
      directory,
      config: config('check'),
      launcher: jobs.launcher(),
      signal: stop.signal,
      onProgress: (event) => {
        if (event.type === 'run.ended' && event.key.startsWith('extended-baseline-')) stop.abort('enough');
      },
    });
    expect(end.state).toBe('stopped');
    const again = await runStudy({ store, directory, config: config('check'), launcher: jobs.launcher() });
    expect(again).toMatchObject({ state: 'ended', outcome: 'noLoss' });
    const finished = store.runsOf('example').filter(({ key }) => key.startsWith('extended-baseline-'));
    expect(finished.map(({ state }) => state)).toEqual(['finished', 'finished', 'finished']);
    const first = runsOf(jobs).filter((run) => run.includes('.extended-baseline-1.'));
    expect(new Set(first).size).toBe(first.length);
  });
});
