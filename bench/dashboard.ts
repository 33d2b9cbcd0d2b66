/**
 * What watching costs: the study page's data and `history` from a store with 10,000 iterations and 1,000,000 epochs,
 * the engine's writes with and without ten pages open on the run being written (in turn), and a worker's samples.
 * `npx tsx bench/dashboard.ts` writes bench/results/dashboard-PROCESSOR.json.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pc from 'picocolors';
import { type IterationRange, openStore, type Store } from '../db/index.ts';
import { createSystemSampler } from '../src/monitor/system-sample.ts';
import { ownProgram } from '../src/protocol/own-program.ts';
import { lastIterations, studyHistory } from '../src/report/history/history.ts';
import { historyText } from '../src/report/history/text.ts';
import { withParts } from '../src/report/parts.ts';
import { sampleReporter } from '../src/trainer/worker/sample-reporter.ts';
import { countsFrom } from './support/counts.ts';
import { median } from './support/median.ts';
import { writeResults } from './support/write-results.ts';

countsFrom({});
const iterations = 10_000;
const epochs = 100;
const folder = mkdtempSync(join(tmpdir(), 'bench-dashboard-'));
const setting = { initialLr: 0.5, decayCoefficient: 3, warmupEpochs: 5, decayEpochs: 15, optimizer: 'sgd' } as const;
const turnMs = 3000;
const turns = 8;
let written = 1;
const rounded = (value: number) => Number(value.toFixed(3));
function epochRow(runId: string, epoch: number, timeMs = 1) {
  const metrics = { dice: 0.8 };
  return {
    runId,
    epoch,
    attempt: 1,
    phase: 'decay',
    lr: 0.1,
    loss: 0.2,
    metrics,
    step: epoch,
    seconds: 0.1,
    timeMs,
  };
}

function fill(store: Store): void {
  const studyId = 'bench';
  const described = { config: {}, configHash: 'c', guidelineHash: 'g', directory: folder, versions: {} };
  store.insertStudy({ id: studyId, name: studyId, ...described, workers: 18, epochs, simulated: true, createdMs: 1 });
  store.batch(() => {
    for (let iteration = 0; iteration < iterations; iteration += 1) {
      const key = `iteration-${iteration}`;
      const id = `bench.${key}`;
      const from = { studyId, setting, createdMs: 1 };
      store.insertIteration({ ...from, number: iteration, action: 'decreaseInitialLr', parent: null });
      const run = { kind: 'iteration', repeat: 1, workers: 18, seed: 1, origin: 'trained', simulated: true } as const;
      store.insertRun({ ...from, ...run, id, key, iteration });
      store.markRunEnded(id, { state: 'finished', reason: null, metrics: { dice: 0.8 }, timeMs: 2 });
      const eventSequence = store.appendEvent(studyId, { type: 'run.finished', key, metrics: {} }, 1);
      store.insertDecision({
        ...{ studyId, sequence: iteration + 1, iteration, verdict: 'improved', rule: 'thesis.improved' },
        ...{ observed: { dice: 0.8 }, next: { action: 'decreaseInitialLr' }, settingBefore: setting },
        ...{ settingAfter: setting, guidelineHash: 'g', reason: 'dice rose', eventSequence, timeMs: 1 },
      });
      for (let epoch = 1; epoch <= epochs; epoch += 1) store.insertEpoch(epochRow(id, epoch));
    }
  });
}

async function served(): Promise<{ url: string; end: () => void }> {
  const [program = '', ...args] = [
    ...ownProgram('cli/main'),
    ...['dashboard', '--project', folder, '--port', '0', '--read-only'],
  ];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(child.stdout)) {
    return { url: line.replace('Dashboard: ', '').trim(), end: () => child.kill('SIGTERM') };
  }
  throw new Error('The dashboard did not start.');
}

async function timed(work: () => unknown): Promise<{ first: number; median: number }> {
  const times: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return { first: rounded(times[0] ?? Number.NaN), median: rounded(median(times)) };
}

/**
 * Milliseconds of each epoch transaction in a turn, one row each, as the engine writes them, with an untimed pause for
 * its other work. The rows' times rise, so that pages see a change whenever they look.
 */
async function writes(store: Store): Promise<number[]> {
  const times: number[] = [];
  const began = performance.now();
  while (performance.now() - began < turnMs) {
    const row = epochRow('bench.iteration-1', 101 + (written % 1000), written);
    written += 1;
    const started = performance.now();
    store.batch(() => store.insertEpoch(row));
    times.push(performance.now() - started);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return times;
}

/** `worstMs` is the maximum, `p99Ms` what 1 % of the transactions exceed. */
function summary(times: readonly number[]) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number) => rounded(sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN);
  const total = times.reduce((sum, time) => sum + time, 0);
  return { perSecond: Math.round((1000 * times.length) / total), medianMs: at(0.5), p99Ms: at(0.99), worstMs: at(1) };
}

/** Sets the number of open pages; returns how many times pages got data since the last call. */
async function open(pages: ChildProcess, many: number): Promise<number> {
  pages.send(many);
  const [answered] = await once(pages, 'message');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return Number(answered);
}

const store = openStore({ path: join(folder, 'autopilot.db') });
fill(store);
const study = store.study('bench')!;
const { url, end } = await served();
/** As in a browser, the page itself is loaded before its data. */
await (await fetch(url)).text();
const get = async (path: string) => (await fetch(new URL(path, url))).text();
/** Other rows each time, so that no cached answer is returned. */
let before = iterations + 1;
const studyPageAnew = () => {
  before -= 50;
  return get(`/api/studies/bench?before=${before}`);
};
const print = { width: 120, colors: pc.createColors(false) };
const read = (range?: IterationRange) => withParts(store, study, studyHistory(store, study, { range }));
const readMs = {
  rows: '10,000 iterations, 1,000,000 epochs',
  /** Reading and printing, as the commands `history` and `history --all` do. */
  history: await timed(() => historyText(read(lastIterations(store, study, 50)), print)),
  historyAll: await timed(() => historyText(read(), print)),
  studyPage: await timed(() => get('/api/studies/bench')),
  studyPageOtherRows: await timed(() => studyPageAnew()),

  runPage: await timed(() => get('/api/runs/bench.iteration-5000')),
  limit: 100,
};
const studyPageBytes = (await get('/api/studies/bench')).length;
const pages = fork(new URL('./dashboard/pages.ts', import.meta.url), [url], { execArgv: ['--import', 'tsx'] });
const alone: number[][] = [];
const watched: number[][] = [];
let answered = 0;
for (let turn = 0; turn < turns; turn += 1) {
  await open(pages, 0);
  alone.push(await writes(store));
  await open(pages, 10);
  watched.push(await writes(store));
  answered += await open(pages, 0);
}
const speeds = watched.map((times, turn) => summary(times).perSecond / summary(alone[turn] ?? []).perSecond);
pages.kill('SIGTERM');
end();

const sampler = createSystemSampler();
const sampleMs = await timed(sampler);
const reporter = sampleReporter({ rank: 0, write: () => {}, everyMs: 1e9 });
const steps = 1_000_000;
const stepsBegan = performance.now();
for (let step = 0; step < steps; step += 1) reporter.step();
const stepNs = rounded((1e6 * (performance.now() - stepsBegan)) / steps);

const result = {
  date: new Date().toISOString(),
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`,
  readMs,
  studyPageBytes,
  epochWrites: {
    alone: summary(alone.flat()),
    withTenRunPages: summary(watched.flat()),
    speedWithPagesOverAlone: { median: rounded(median(speeds)), byTurn: speeds.map(rounded) },
    timesPagesGotData: answered,
    turns,
  },
  sampling: { sampleMs, everySeconds: 5, percentOfTime: rounded(sampleMs.median / 50), perStepNs: stepNs },
};
store.close();
rmSync(folder, { recursive: true });
writeResults('dashboard', result);
