import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../../db/index.ts';
import type { ProgressEvent } from '../../../src/domain/progress.ts';
import { type RunStudyOptions, runStudy } from '../../../src/engine/study/run-study.ts';
import type { Launcher } from '../../../src/launcher/launcher.ts';
import { idOf } from '../../support/stored-run.ts';
import { exampleConfig, temporaryProject } from '../example-study.ts';
import { simulatedJobs } from '../simulated-jobs.ts';

const trainer = fileURLToPath(new URL('../../fixtures/trainer.mjs', import.meta.url));

function commandConfig(what: string, changes: Record<string, unknown> = {}) {
  return exampleConfig({
    trainer: { kind: 'command', command: [process.execPath, trainer, what] },
    workers: 4,
    epochs: 4,
    setting: { initialLr: 0.1, warmupEpochs: 1 },
    decision: { rule: 'thesis', metrics: ['dice'] },
    ...changes,
  });
}

function study(store: Store = openStore({ path: ':memory:' }), directory = temporaryProject()) {
  const events: ProgressEvent[] = [];
  const run = (options: Pick<RunStudyOptions, 'config'> & Partial<RunStudyOptions>) =>
    runStudy({ store, directory, onProgress: (event) => events.push(event), retryDelayMs: () => 0, ...options });
  return { store, events, run };
}

describe('a training that crashes', () => {
  it('goes on from its last checkpoint in the next attempt', async () => {
    const { store, run } = study();
    expect(await run({ config: commandConfig('crash-once') })).toMatchObject({ outcome: 'noLoss' });
    expect(store.attemptsOf(idOf(store, 'example.baseline-1'))).toMatchObject([
      { number: 1, exitReason: 'crashed' },
      { number: 2, exitReason: 'finished', resumeFrom: expect.stringMatching(/checkpoints\/2$/) },
    ]);
    expect(store.epochsOf(idOf(store, 'example.baseline-1')).map(({ attempt }) => attempt)).toEqual([1, 1, 2, 2]);
  });

  it('at the same place twice fails the study, which resume reopens', async () => {
    const { store, run } = study();
    expect(await run({ config: commandConfig('crash') })).toMatchObject({ outcome: 'failed' });
    expect(store.attemptsOf(idOf(store, 'example.baseline-1'))).toHaveLength(2);
    expect(store.runByKey('example', 'baseline-1')).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('twice'),
    });
    expect(await run({ config: commandConfig('crash') })).toMatchObject({ outcome: 'failed' });
    expect(store.attemptsOf(idOf(store, 'example.baseline-1'))).toHaveLength(2);
    await run({ config: commandConfig('crash'), reopen: true });
    expect(store.attemptsOf(idOf(store, 'example.baseline-1')).length).toBeGreaterThan(2);
  });

  it('by vanishing, again and again, is not started for ever', async () => {
    const { store, run } = study();
    const vanishes: Launcher = {
      name: 'local',
      start: async () => ({
        handle: {},
        exited: Promise.resolve({ state: 'gone' }),
        stop: async () => {},
        kill: async () => {},
      }),
      attach: async () => null,
      describe: () => '',
    };
    const config = commandConfig('crash', { attempts: 3 });
    expect(await run({ config, launcher: vanishes })).toMatchObject({ outcome: 'failed' });
    // The first, and as many more as the study allows a training.
    expect(store.attemptsOf(idOf(store, 'example.baseline-1')).map(({ exitReason }) => exitReason)).toEqual(
      Array(4).fill('gone'),
    );
  });

  it('by diverging is stopped and counts as degraded', async () => {
    const { store, run } = study();
    await run({ config: commandConfig('diverge', { budget: { iterations: 2 } }) });
    expect(store.runByKey('example', 'iteration-0')).toMatchObject({
      state: 'diverged',
      reason: expect.stringContaining('the loss rose'),
    });
    expect(store.decisionsOf('example')[1]).toMatchObject({ verdict: 'diverged' });
  });

  it('by hanging is stopped after its silence', async () => {
    const { store, run } = study();
    const config = commandConfig('hang', { attempts: 1, timeouts: { silenceMinutes: 0.01, stopSeconds: 1 } });
    expect(await run({ config })).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('silenceMinutes'),
    });
    expect(store.attemptsOf(idOf(store, 'example.baseline-1'))).toMatchObject([{ exitReason: 'silent' }]);
  });
});

describe('a study that is stored', () => {
  it('is never overwritten: another config is refused with the differences', async () => {
    const { run } = study();
    const launcher = simulatedJobs().launcher();
    await run({ config: exampleConfig(), launcher });
    const other = exampleConfig({ setting: { initialLr: 0.4 } });
    await expect(run({ config: other, launcher })).rejects.toThrow(/setting\.initialLr: 0\.5 → 0\.4/);
  });

  it('is refused and stays as it was where another rule has decided otherwise', async () => {
    const { store, run } = study();
    const jobs = simulatedJobs();
    await run({ config: exampleConfig({ budget: { iterations: 1 } }), launcher: jobs.launcher() });
    const [first, ...rest] = store.decisionsOf('example');
    store.deleteDecisionsAfter('example', 0);
    for (const decision of [{ ...first!, verdict: 'improved' as const }, ...rest]) store.insertDecision(decision);
    const before = { study: store.study('example'), decisions: store.decisionsOf('example') };
    const again = run({ config: exampleConfig({ budget: { iterations: 3 } }), launcher: jobs.launcher() });
    await expect(again).rejects.toThrow(
      /decision 1 is stored as "improved" of the baseline, .* would give "baseline" of the baseline, .*--fresh-name/,
    );
    expect({ study: store.study('example'), decisions: store.decisionsOf('example') }).toEqual(before);
    // What has ended is told as it ended.
    const told = await run({ config: exampleConfig({ budget: { iterations: 1 } }), launcher: jobs.launcher() });
    expect(told).toMatchObject({ outcome: 'budgetSpent' });
  });

  it('starts nothing when it has ended, and goes on when its budget is raised', async () => {
    const { store, run } = study();
    const jobs = simulatedJobs();
    const first = await run({ config: exampleConfig({ budget: { iterations: 1 } }), launcher: jobs.launcher() });
    expect(first).toMatchObject({ outcome: 'budgetSpent' });
    const launches = jobs.started.length;
    await run({ config: exampleConfig({ budget: { iterations: 1 } }), launcher: jobs.launcher() });
    expect(jobs.started).toHaveLength(launches);
    await run({ config: exampleConfig({ budget: { iterations: 3 } }), launcher: jobs.launcher() });
    expect(jobs.started.length).toBeGreaterThan(launches);
    expect(store.eventsOf('example', { types: ['study.reopened'] })).toHaveLength(1);
  });

  it('says that simulated results are simulated', async () => {
    const { store, events, run } = study();
    await run({ config: exampleConfig(), launcher: simulatedJobs().launcher() });
    expect(store.runsOf('example').every(({ simulated }) => simulated)).toBe(true);
    expect(events[0]).toMatchObject({ type: 'study.started', simulated: true });
  });

  it('ends when its worker hours are spent', async () => {
    const { run } = study();
    const config = exampleConfig({ budget: { iterations: 4, workerHours: 1e-9 } });
    let clockMs = Date.now();
    const now = () => ++clockMs;
    expect(await run({ config, launcher: simulatedJobs().launcher(), now })).toMatchObject({
      outcome: 'budgetSpent',
      reason: expect.stringContaining('worker hours'),
    });
  });
});
