import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Job } from '../../src/launcher/launcher.ts';
import { prepareRunDirectory, runDirectoryFiles } from '../../src/protocol/run-directory.ts';
import type { RunSpec } from '../../src/protocol/run-spec.ts';
import { productCommand } from './program.ts';

export interface TinyRun {
  workers: number;
  /** Default: the number of workers. */
  processes?: number;
  strategy?: string;
  /** Channels of the network; 96 give it 400,000 weights. */
  channels?: number;
  epochs?: number;
  optimizer?: 'sgd' | 'momentum' | 'adam' | 'lars';
  attempt?: number;
  /** Number of training slices; more make the training longer. */
  slices?: number;
  /** Continues in an earlier attempt's folder. */
  runDirectory?: string;
  resumeFrom?: string | null;
  /** A file: every step sleeps until it exists, so that the training lasts until a test has acted on it. */
  restsUntil?: string;
}

/** The components of a study whose steps sleep until a file exists. */
export function restingUntil(file: string) {
  const module = fileURLToPath(new URL('../fixtures/resting-strategy.mjs', import.meta.url));
  return { strategy: { module, parameters: { until: file } } };
}

/** A whole training of the embedded trainer on 8 × 8 phantoms, ready to be launched. */
export function tinyRun({
  workers,
  processes = workers,
  strategy = 'allreduce',
  channels = 4,
  epochs = 3,
  optimizer = 'momentum',
  attempt = 1,
  slices = 48,
  runDirectory = mkdtempSync(join(tmpdir(), 'tiny-run-')),
  resumeFrom = null,
  restsUntil,
}: TinyRun): Job {
  const setting = { initialLr: 0.02, decayCoefficient: 3, warmupEpochs: 1, decayEpochs: 1, optimizer };
  const spec: RunSpec = {
    protocol: 1,
    studyId: 'tiny',
    runId: 'tiny',
    key: 'iteration-0',
    kind: 'iteration',
    attempt,
    seed: 11,
    workers,
    batchPerWorker: 1,
    epochs,
    setting,
    schedule: { policy: 'constant', workers, epochs, initialLr: 0.05, scaling: 'none' },
    lrPerEpoch: Array.from({ length: epochs + 1 }, () => 0.05),
    metrics: ['dice'],
    model: { architecture: 'fcn', channels, normalization: 'group', groups: 2 },
    data: { kind: 'phantom', size: 8, trainSlices: slices, testSlices: 4 },
    loss: 'crossEntropy',
    compute: { backend: 'auto', threads: 1, shards: 'exact' },
    strategy,
    checkpoints: { everyEpochs: 1, keep: 2 },
    divergence: { lossFactor: 100, zeroEpochs: 100 },
    resumeFrom,
    ...(restsUntil === undefined ? {} : { components: restingUntil(restsUntil) }),
    trainer: { kind: 'embedded' },
  };
  const name = `tiny.${process.pid}.${attempt}.${Math.random().toString(36).slice(2)}`;
  prepareRunDirectory(runDirectory, spec, name);
  const command = productCommand('trainer/worker/main');
  return {
    attempt: name,
    runDirectory,
    workers: processes,
    program: { command, directory: runDirectory, environment: {}, start: 'perRank' },
  };
}

export interface TinyEvent {
  type: string;
  attempt?: number;
  step?: number;
  epoch?: number;
  path?: string;
  weightsHash?: string;
  reason?: string;
  metrics?: Record<string, number>;
  loss?: number;
  environment?: { parameters: number; strategy: string };
  measured?: { gradientNoise?: { trace: number; squaredNorm: number } };
}

/** The events of a run so far, without a torn last line. */
export function eventsOf(runDirectory: string): TinyEvent[] {
  const lines = readFileSync(runDirectoryFiles(runDirectory).events, 'utf8').split('\n');
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as TinyEvent];
    } catch {
      return [];
    }
  });
}

/** The hash of the final weights, or why there is none. */
export function weightsOf(runDirectory: string): string {
  const events = eventsOf(runDirectory);
  const finished = events.findLast(({ type }) => type === 'finished');
  return finished?.weightsHash ?? `not finished: ${JSON.stringify(events.at(-1))}`;
}
