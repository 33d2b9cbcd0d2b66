import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { eventLines } from '../../../src/protocol/event-lines.ts';
import { prepareRunDirectory } from '../../../src/protocol/run-directory.ts';
import type { RunSpec } from '../../../src/protocol/run-spec.ts';
import type { TrainerEvent } from '../../../src/protocol/trainer-event.ts';
import { readZooModel } from '../../../src/trainer/zoo-model/zoo-model.ts';
import { publishModel } from '../../../src/zoo/publish.ts';
import { loader, productFile } from '../../support/program.ts';

const main = productFile('trainer/worker/main');
const root = fileURLToPath(new URL('../../..', import.meta.url));

function specOf(changes: Partial<RunSpec> = {}): RunSpec {
  const setting = { initialLr: 0.1, decayCoefficient: 3, warmupEpochs: 1, decayEpochs: 1, optimizer: 'sgd' as const };
  const { optimizer: _, ...rates } = setting;
  return {
    protocol: 1,
    studyId: 's',
    runId: 'r',
    key: 'iteration-1',
    kind: 'iteration',
    attempt: 1,
    seed: 3,
    workers: 2,
    batchPerWorker: 1,
    epochs: 3,
    setting,
    schedule: { policy: 'greScale', workers: 2, epochs: 3, decayShape: 'exponential', ...rates },
    lrPerEpoch: [0.1, 0.2, 0.2, 0.01],
    metrics: ['dice'],
    model: { architecture: 'fcn', channels: 2, normalization: 'group', groups: 2 },
    data: { kind: 'phantom', size: 8, trainSlices: 12, testSlices: 6, noise: 0.1, seed: 1 },
    loss: 'crossEntropy',
    compute: { backend: 'cpu', threads: 1, shards: 'fused' },
    strategy: 'allreduce',
    checkpoints: { everyEpochs: 1, keep: 2 },
    divergence: { lossFactor: 10, zeroEpochs: 100 },
    resumeFrom: null,
    trainer: { kind: 'embedded' },
    ...changes,
  };
}

const newDirectory = () => mkdtempSync(join(tmpdir(), 'worker-'));

function start(directory: string, spec: RunSpec) {
  prepareRunDirectory(directory, spec, `name-${spec.attempt}`);
  const child = spawn(process.execPath, [...loader, main], {
    cwd: root,
    env: { ...process.env, AUTOPILOT_RUN: directory },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const exited = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.once('exit', (code) => resolve({ code, output }));
  });
  return { child, exited };
}

function eventsOf(directory: string, attempt = 1): TrainerEvent[] {
  const lines = eventLines({ number: attempt, name: `name-${attempt}`, secret: null });
  const read = [...lines.push(readFileSync(join(directory, 'events.ndjson'))), ...lines.end()];
  return read.map((line) => {
    if (line.state !== 'valid') throw new Error(JSON.stringify(line));
    return line.event;
  });
}

const lastOf = <T extends TrainerEvent['type']>(events: TrainerEvent[], type: T) =>
  events.filter((event): event is Extract<TrainerEvent, { type: T }> => event.type === type).at(-1);

describe('the worker', () => {
  it('trains a run directory and says so in its events alone', async () => {
    const directory = newDirectory();
    const { code, output } = await start(directory, specOf()).exited;
    const events = eventsOf(directory);
    expect(code).toBe(0);
    expect(output).not.toMatch(/dice|loss/);
    expect(events[0]).toMatchObject({ type: 'started', workers: 2, environment: { backend: 'cpu' } });
    expect(events.filter(({ type }) => type === 'epoch')).toHaveLength(3);
    expect(lastOf(events, 'evaluation')).toMatchObject({ split: 'test', metrics: { dice: expect.anything() } });
    expect(lastOf(events, 'finished')).toMatchObject({
      steps: 18,
      weightsHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(readdirSync(join(directory, 'predictions'))).toHaveLength(4);
    expect(readdirSync(directory)).toContain('weights.bin');
  });

  it('stopped by a file leaves a checkpoint and exit code 85, and resumed ends with the same weights', async () => {
    const whole = newDirectory();
    await start(whole, specOf()).exited;
    const directory = newDirectory();
    const first = start(directory, specOf());
    writeFileSync(join(directory, 'stop'), 'test\n');
    expect((await first.exited).code).toBe(85);
    const { path } = lastOf(eventsOf(directory), 'checkpoint')!;
    const second = start(directory, specOf({ attempt: 2, resumeFrom: path }));
    expect((await second.exited).code).toBe(0);
    const hashOf = (events: TrainerEvent[]) => lastOf(events, 'finished')!.weightsHash;
    expect(hashOf(eventsOf(directory, 2))).toBe(hashOf(eventsOf(whole)));
  });

  it('starts from a zoo model and says which weights were taken', async () => {
    const slices = fileURLToPath(new URL('../../../examples/cerebellum/slices', import.meta.url));
    const data = { kind: 'slices', path: slices };
    const tiny = { batchPerWorker: 108, epochs: 1, data };
    const first = newDirectory();
    expect((await start(first, specOf(tiny)).exited).code).toBe(0);
    const zoo = join(first, 'zoo');
    const licence = 'CC0-1.0';
    await publishModel({ run: first, zoo, name: 'tiny', description: 'Tiny', licence });
    const { parts } = readZooModel(join(zoo, 'tiny'));
    const { metrics, classes } = lastOf(eventsOf(first), 'evaluation')!;
    expect(parts).toEqual([{ split: 'test', metrics, classes }]);
    const second = newDirectory();
    const model = { ...specOf().model, initFrom: join(zoo, 'tiny') };
    const setting = { ...specOf().setting, initialLr: 1e-9 };
    expect((await start(second, specOf({ ...tiny, data, model, setting })).exited).code).toBe(0);
    const { transfer } = lastOf(eventsOf(second), 'started')!;
    expect(transfer).toMatchObject({ from: join(zoo, 'tiny'), kept: [] });
    expect(transfer!.taken).toEqual(readZooModel(join(zoo, 'tiny')).weights.tensors.map(({ name }) => name));
    expect(lastOf(eventsOf(second), 'warning')!.message).toContain(`all of its ${transfer!.taken.length} weights`);
    const next = await publishModel({ run: second, zoo, name: 'next', description: 'Next', licence });
    expect(next).toMatchObject({
      startedFrom: 'tiny',
      architecture: expect.not.objectContaining({ initFrom: expect.anything() }),
    });
    expect(readFileSync(join(zoo, 'next', 'README.md'), 'utf8')).toContain('Started from: the weights of tiny');
  }, 180_000);

  it('names the field of a run.json that it cannot use', async () => {
    const directory = newDirectory();
    const { code } = await start(directory, specOf({ loss: 'crossEntrophy' })).exited;
    expect(code).toBe(1);
    expect(lastOf(eventsOf(directory), 'failed')!.reason).toMatch(/loss is "crossEntrophy"; give one of crossEntropy/);
  });

  it('reports divergence as an outcome, not as a failure', async () => {
    const directory = newDirectory();
    const schedule = { policy: 'constant', workers: 2, epochs: 3, initialLr: 1e30, scaling: 'none' };
    const model = { architecture: 'fcn', channels: 2, normalization: 'none', groups: 1 };
    const { code } = await start(directory, specOf({ schedule, model })).exited;
    expect(code).toBe(0);
    expect(lastOf(eventsOf(directory), 'diverged')!.reason).toMatch(/loss became/);
  });
});
