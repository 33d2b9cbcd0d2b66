import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Job } from '../../src/launcher/launcher.ts';
import { prepareRunDirectory, runDirectoryFiles } from '../../src/protocol/run-directory.ts';
import type { RunSpec } from '../../src/protocol/run-spec.ts';

const worker = fileURLToPath(new URL('../../src/trainer/worker/main.ts', import.meta.url));

export interface TrainingOptions {
  model: Record<string, unknown>;
  workers: number;
  batchPerWorker: number;
  /** Training slices of 32 × 32 pixels. */
  slices: number;
}

let prepared = 0;

/** A training of three epochs by the embedded trainer, ready to be launched. */
export function prepareTraining({ model, workers, batchPerWorker, slices }: TrainingOptions): Job {
  const runDirectory = mkdtempSync(join(tmpdir(), 'scaling-'));
  const epochs = 3;
  const initialLr = 0.01;
  const spec: RunSpec = {
    protocol: 1,
    studyId: 'scaling',
    runId: 'scaling',
    key: 'iteration-0',
    kind: 'iteration',
    attempt: 1,
    seed: 1,
    workers,
    batchPerWorker,
    epochs,
    setting: { initialLr, decayCoefficient: 3, warmupEpochs: 0, decayEpochs: 0, optimizer: 'sgd' },
    schedule: { policy: 'constant', workers, epochs, initialLr, scaling: 'none' },
    lrPerEpoch: Array.from({ length: epochs + 1 }, () => initialLr),
    metrics: ['dice'],
    model,
    data: { kind: 'phantom', size: 32, trainSlices: slices, testSlices: 2 },
    loss: 'crossEntropy',
    compute: { backend: 'auto', threads: 1, shards: 'exact' },
    strategy: 'allreduce',
    checkpoints: { everyEpochs: epochs, keep: 1 },
    divergence: { lossFactor: 100, zeroEpochs: 100 },
    resumeFrom: null,
    trainer: { kind: 'embedded' },
  };
  prepared += 1;
  const attempt = `scaling.${process.pid}.${prepared}`;
  prepareRunDirectory(runDirectory, spec, attempt);
  const command = [process.execPath, '--import', import.meta.resolve('tsx'), worker];
  return {
    attempt,
    runDirectory,
    workers,
    program: { command, directory: runDirectory, environment: {}, start: 'perRank' },
  };
}

/** The events of a finished training. */
export function trainingEvents(
  runDirectory: string,
): { type: string; seconds?: number; environment?: { parameters: number } }[] {
  const lines = readFileSync(runDirectoryFiles(runDirectory).events, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}
