import { describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../db/index.ts';
import type { ResolvedStudyConfig } from '../../src/config/resolve.ts';
import { runStudy } from '../../src/engine/study/run-study.ts';
import { dyingStore, EngineDied } from './dying-store.ts';
import { exampleConfig, findings, temporaryProject } from './example-study.ts';
import { runOf, simulatedJobs } from './simulated-jobs.ts';

/** Of every phase of the schedule some, and no more: each write is a moment to be killed at. */
const epochs = 6;
const configs: [string, ResolvedStudyConfig][] = [
  ['the thesis rule', exampleConfig({ epochs })],
  [
    'several runs at a time',
    exampleConfig({
      epochs,
      concurrentRuns: 3,
      baseline: { seeds: 3 },
      budget: { iterations: 3 },
      decision: { rule: 'nonInferiority', margin: 0.02, maxRuns: 3 },
    }),
  ],
];

async function undisturbed(config: ResolvedStudyConfig) {
  const store = openStore({ path: ':memory:' });
  await runStudy({ config, directory: temporaryProject(), store, launcher: simulatedJobs().launcher() });
  return findings(store);
}

/** Runs until the engine dies before write `at`; false when the study ended before that. */
async function engineUntil(
  at: number,
  store: Store,
  options: { config: ResolvedStudyConfig; directory: string; jobs: ReturnType<typeof simulatedJobs> },
): Promise<boolean> {
  let die = () => {};
  const died = new Promise<void>((resolve) => {
    die = resolve;
  });
  const { config, directory, jobs } = options;
  const dying = dyingStore(store, at, die);
  try {
    await runStudy({ config, directory, store: dying, launcher: jobs.launcher(died), retryDelayMs: () => 0 });
    return false;
  } catch (error) {
    if (!(error instanceof EngineDied)) throw error;
  }
  // Of a process that is gone; here it is this very one.
  const lease = store.leaseOf(config.name);
  if (lease) store.releaseLease(config.name, lease.token);
  return true;
}

function expectNothingTwice(store: Store, jobs: ReturnType<typeof simulatedJobs>): void {
  const results = store.eventsOf('example', { types: ['run.finished', 'run.diverged'] }).map(({ event }) => event.key);
  expect(new Set(results).size).toBe(results.length);
  for (const run of store.runsOf('example')) {
    const attempts = store.attemptsOf(run.id);
    const launches = jobs.started.filter(({ attempt }) => runOf(attempt) === run.id);
    // Only the last attempt may have come to a result, and every launch was intended first.
    expect(attempts.filter(({ exitReason }) => exitReason === 'finished' || exitReason === 'diverged')).toHaveLength(1);
    expect(attempts.at(-1)?.exitReason).toMatch(/finished|diverged/);
    expect(attempts.map(({ name }) => name)).toEqual(expect.arrayContaining(launches.map(({ attempt }) => attempt)));
  }
}

describe.each(configs)('an engine killed at any moment, with %s', (_name, config) => {
  it('goes on as if nothing had happened: nothing is lost, nothing repeated, nothing started twice', {
    timeout: 600_000,
  }, async () => {
    const expected = await undisturbed(config);
    expect(expected.decisions.length).toBeGreaterThan(2);
    let at = 1;
    // To its last write, whose number depends on how many lines of a run are there when the engine looks.
    for (let died = true; died; at += 1) {
      const store = openStore({ path: ':memory:' });
      const options = { config, directory: temporaryProject(), jobs: simulatedJobs() };
      died = await engineUntil(at, store, options);
      await runStudy({
        config,
        directory: options.directory,
        store,
        launcher: options.jobs.launcher(),
        retryDelayMs: () => 0,
      });
      expect(findings(store), `killed before write ${at}`).toEqual(expected);
      expectNothingTwice(store, options.jobs);
      store.close();
    }
    expect(at).toBeGreaterThan(100);
  });

  it('survives being killed again and again', { timeout: 60_000 }, async () => {
    const expected = await undisturbed(config);
    for (const every of [7, 12, 19]) {
      const store = openStore({ path: ':memory:' });
      const options = { config, directory: temporaryProject(), jobs: simulatedJobs() };
      for (let death = 0; death < 5; death += 1) expect(await engineUntil(every, store, options)).toBe(true);
      await options.jobs.settled();
      await runStudy({
        config,
        directory: options.directory,
        store,
        launcher: options.jobs.launcher(),
        retryDelayMs: () => 0,
      });
      expect(findings(store)).toEqual(expected);
      expectNothingTwice(store, options.jobs);
    }
  });
});
