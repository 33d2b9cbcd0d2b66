/**
 * The engine's own time: from the start of a study to its first launch, per decision, and per history query of a
 * large store. Run with `npx tsx bench/engine.ts`; writes bench/results/engine-PROCESSOR.json.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '../db/index.ts';
import { resolveStudyConfig } from '../src/config/resolve.ts';
import { studyConfig } from '../src/config/study-config.ts';
import { askStudy } from '../src/engine/by-hand/ask-study.ts';
import { guidelinePlan } from '../src/engine/plans/guideline-plan.ts';
import { runStudy } from '../src/engine/study/run-study.ts';
import type { Launcher } from '../src/launcher/launcher.ts';
import { countsFrom } from './support/counts.ts';
import { median } from './support/median.ts';
import { writeResults } from './support/write-results.ts';

countsFrom({});
const folder = mkdtempSync(join(tmpdir(), 'bench-engine-'));
const config = resolveStudyConfig(
  studyConfig.parse({
    name: 'bench',
    trainer: { kind: 'simulated' },
    workers: 18,
    epochs: 40,
    setting: { initialLr: 0.5 },
    budget: { iterations: 500 },
    guideline: { actions: [{ action: 'decreaseInitialLr', factor: 0.99, minimum: 1e-9 }] },
  }),
  folder,
);

const rounded = (ms: number) => Number(ms.toFixed(2));

/** Milliseconds from opening the store to the call of the launcher, everything on disk. */
async function startToLaunch(index: number): Promise<number> {
  const directory = join(folder, `start-${index}`);
  mkdirSync(directory);
  const started = performance.now();
  const store = openStore({ path: join(directory, 'autopilot.db') });
  const stop = new AbortController();
  let launchedMs = Number.NaN;
  const launcher: Launcher = {
    name: 'local',
    async start() {
      launchedMs = performance.now() - started;
      stop.abort('measured');
      return {
        handle: {},
        exited: Promise.resolve({ state: 'exited', code: 0 }),
        stop: async () => {},
        kill: async () => {},
      };
    },
    attach: async () => null,
    describe: () => '',
  };
  await runStudy({ config, directory, store, launcher, signal: stop.signal, retryDelayMs: () => 0 });
  store.close();
  return launchedMs;
}

/** Milliseconds per decision, each on disk before the next, as the history grows. */
function decisions(count: number): number[] {
  const store = openStore({ path: join(folder, 'decisions.db') });
  askStudy({ store, config, directory: folder });
  const plan = guidelinePlan({ store, study: store.study(config.name)!, config, now: Date.now });
  const times: number[] = [];
  for (let made = 0; made < count; made += 1) {
    const [planned] = plan.pending();
    if (planned === undefined) break;
    const { request } = planned;
    const dice = request.kind === 'baseline' ? 0.9 : 0.5 + made * 1e-4;
    const started = performance.now();
    plan.record({ type: 'run.finished', key: request.key, metrics: { dice, meanAccuracy: dice, meanIoU: dice } });
    times.push(performance.now() - started);
  }
  store.close();
  return times;
}

/** A store of 10,000 iterations with 100 epochs each. */
function largeStore(): Store {
  const store = openStore({ path: join(folder, 'large.db') });
  askStudy({ store, config, directory: folder });
  const studyId = config.name;
  const { decayShape: _, ...setting } = config.setting;
  store.batch(() => {
    for (let number = 0; number < 10_000; number += 1) {
      const key = `iteration-${number + 1}`;
      const runId = `bench.${key}`;
      const iteration = number + 1;
      store.insertIteration({ studyId, number, action: 'decreaseInitialLr', parent: null, setting, createdMs: number });
      store.insertRun({
        id: runId,
        studyId,
        key,
        kind: 'iteration',
        iteration,
        repeat: 1,
        workers: 18,
        seed: 1,
        setting,
        origin: 'trained',
        simulated: true,
        createdMs: number,
      });
      const eventSequence = store.appendEvent(studyId, { type: 'run.finished', key, metrics: {} }, number);
      store.insertDecision({
        studyId,
        sequence: iteration,
        iteration,
        verdict: 'improved',
        rule: 'thesis.improved',
        observed: { dice: 0.8 },
        next: { action: 'decreaseInitialLr' },
        settingBefore: setting,
        settingAfter: setting,
        guidelineHash: 'h',
        reason: 'dice rose',
        eventSequence,
        timeMs: number,
      });
      for (let epoch = 1; epoch <= 100; epoch += 1) {
        store.insertEpoch({
          runId,
          epoch,
          attempt: 1,
          phase: 'decay',
          lr: 0.1,
          loss: 0.2,
          metrics: { dice: 0.8 },
          step: epoch,
          seconds: 0.1,
          timeMs: epoch,
        });
      }
    }
  });
  return store;
}

function timed(work: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  return rounded(median(times));
}

const starts: number[] = [];
for (let index = 0; index < 9; index += 1) starts.push(await startToLaunch(index));
const times = decisions(400);
const store = largeStore();
const result = {
  date: new Date().toISOString(),
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`,
  startToLaunchMs: { first: rounded(starts[0] ?? Number.NaN), median: rounded(median([...starts])), limit: 150 },
  decisionMs: {
    median: rounded(median([...times])),
    worst: rounded(Math.max(...times)),
    count: times.length,
    limit: 5,
  },
  largeStoreMs: {
    rows: '10,000 iterations, 1,000,000 epochs',
    iterationsOf: timed(() => store.iterationsOf('bench')),
    runsOf: timed(() => store.runsOf('bench')),
    decisionsOf: timed(() => store.decisionsOf('bench')),
    epochsOf: timed(() => store.epochsOf('bench.iteration-5000')),
    runsOfIteration: timed(() => store.runsOfIteration('bench', 5000)),
    eventsOfTail: timed(() => store.eventsOf('bench', { after: store.lastEvent() - 100 })),
    limit: 100,
  },
};
store.close();
rmSync(folder, { recursive: true });
writeResults('engine', result);
