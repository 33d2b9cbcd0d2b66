import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../db/index.ts';
import { resolveStudyConfig } from '../../../src/config/resolve.ts';
import { studyConfig } from '../../../src/config/study-config.ts';
import type { ProgressEvent } from '../../../src/domain/progress.ts';
import { guidelineKind } from '../../../src/engine/plans/guideline-kind.ts';
import { runStudy } from '../../../src/engine/study/run-study.ts';
import { knownAtStart } from '../../../src/engine/study/same-training.ts';
import { studyHistory } from '../../../src/report/history/history.ts';
import { historySummary } from '../../../src/report/history/summary.ts';
import { temporaryProject } from '../example-study.ts';
import { simulatedJobs } from '../simulated-jobs.ts';

const simulated = { trainer: { kind: 'simulated' } };
const trainer = fileURLToPath(new URL('../../fixtures/trainer.mjs', import.meta.url));

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A project whose studies really train, in seconds: a tiny network on generated slices. */
function project() {
  const directory = temporaryProject();
  folders.push(directory);
  const store = openStore({ path: join(directory, 'autopilot.db') });
  async function run(name: string, changes: Record<string, unknown> = {}, options: { fresh?: boolean } = {}) {
    const config = configOf(name, changes);
    const events: ProgressEvent[] = [];
    const end = await runStudy({
      store,
      directory,
      config,
      onProgress: (event) => events.push(event),
      ...(config.trainer.kind === 'simulated' ? { launcher: simulatedJobs().launcher() } : {}),
      ...options,
    });
    const trained = store.runsOf(name).filter(({ id }) => store.attemptsOf(id).length > 0);
    return { end, events, trained: trained.map(({ key }) => key), runs: store.runsOf(name) };
  }
  const configOf = (name: string, changes: Record<string, unknown> = {}) =>
    resolveStudyConfig(
      studyConfig.parse({
        name,
        workers: 4,
        epochs: 4,
        model: { architecture: 'fcn', channels: 4, normalization: 'group', groups: 2 },
        data: { kind: 'phantom', size: 16, trainSlices: 48, testSlices: 4 },
        setting: { initialLr: 0.2, warmupEpochs: 1 },
        decision: { rule: 'thesis', tolerance: 0 },
        compute: { threads: 1 },
        budget: { iterations: 2 },
        baseline: { seeds: 2 },
        ...changes,
      }),
      directory,
    );
  return { store, run, configOf };
}

describe('a study whose trainings the project has stored already', { timeout: 120_000 }, () => {
  it('takes their results, trains none again, and says so before it starts', async () => {
    const { store, run, configOf } = project();
    const first = await run('first');
    expect(first.end.state).toBe('ended');
    expect(first.trained).toHaveLength(first.runs.length);
    expect(first.events.some(({ type }) => type === 'trainings.known')).toBe(false);
    const known = { wanted: 3, baseline: 2, studies: [{ study: 'first', runs: 3 }], unrecorded: [] };
    expect(knownAtStart(guidelineKind, { store, config: configOf('second') })).toEqual(known);

    const second = await run('second');
    expect(second.end).toEqual(first.end);
    expect(second.trained).toEqual([]);
    expect(second.runs.map(({ metrics }) => metrics)).toEqual(first.runs.map(({ metrics }) => metrics));
    expect(second.events[0]).toEqual({ type: 'trainings.known', ...known });
    const history = studyHistory(store, store.study('second')!);
    expect(history.totals.reused).toBe(first.runs.length);
    expect(historySummary(history)).toContain(`${first.runs.length} of them taken from other studies`);
    // What was taken over lends nothing itself: its study did not train it.
    expect(knownAtStart(guidelineKind, { store, config: configOf('third') })).toEqual(known);
    store.close();
  });

  it('trains anew with --fresh, and stays so when it is resumed', async () => {
    const { store, run } = project();
    await run('first', simulated);
    const again = await run('again', simulated, { fresh: true });
    expect(again.trained).toHaveLength(again.runs.length);
    expect(again.events.some(({ type }) => type === 'run.reused' || type === 'trainings.known')).toBe(false);
    const longer = await run('again', { ...simulated, budget: { iterations: 4 } });
    expect(longer.events.some(({ type }) => type === 'run.reused')).toBe(false);
    store.close();
  });

  it('trains what is another task or seed, and the runs that are more', async () => {
    const { store, run } = project();
    await run('first', simulated);
    for (const [name, changes] of [
      ['seeded', { seed: 2 }],
      ['larger', { batchPerWorker: 2 }],
      ['longer', { epochs: 6 }],
    ] as const) {
      const other = await run(name, { ...simulated, ...changes });
      expect(other.trained, name).toHaveLength(other.runs.length);
    }
    expect((await run('more', { ...simulated, baseline: { seeds: 3 } })).trained[0]).toBe('baseline-3');
    store.close();
  });

  it('takes nothing where not all that a trainer reads is recorded, and says so', async () => {
    const { store, run } = project();
    const own = { trainer: { kind: 'command', command: [process.execPath, trainer, 'finish'] }, epochs: 4 };
    await run('first', own);
    const second = await run('second', own);
    expect(second.trained).toHaveLength(second.runs.length);
    expect(second.events[0]).toEqual({
      type: 'trainings.known',
      wanted: 3,
      baseline: 0,
      studies: [],
      unrecorded: ['first'],
    });
    store.close();
  });
});
