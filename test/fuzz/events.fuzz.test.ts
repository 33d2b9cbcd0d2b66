import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { ingestLines } from '../../src/engine/attempt/ingest-lines.ts';
import { storeSamples } from '../../src/engine/attempt/store-samples.ts';
import type { Training } from '../../src/engine/attempt/training.ts';
import { eventLines } from '../../src/protocol/event-lines.ts';
import { computedMs, mutate, randomOf, seed, times } from './random.ts';

const attempt = { number: 1, name: 'a', secret: 's' };
const setting = { initialLr: 0.5, decayCoefficient: 3, warmupEpochs: 5, decayEpochs: 15, optimizer: 'sgd' as const };

const events: Record<string, unknown>[] = [
  { type: 'started', workers: 2, capabilities: { optimizers: ['sgd'] }, environment: { torch: '2' } },
  {
    type: 'epoch',
    epoch: 1,
    phase: 'warmup',
    lr: 0.1,
    loss: 1,
    metrics: { dice: 0.5 },
    step: 10,
    seconds: 1,
    timeMs: 5,
  },
  { type: 'heartbeat', rank: 0, step: 3 },
  { type: 'checkpoint', path: 'checkpoints/1', step: 1, epoch: 1, sha256: 'ab', bytes: 3 },
  { type: 'evaluation', metrics: { dice: 0.5 }, split: 'test', classes: { left: { dice: 0.5 } } },
  { type: 'sample', rank: 0, timeMs: 5, cpuPercent: 3, memoryBytes: 4, stepsPerSecond: 2, gpuPercent: 1 },
  { type: 'prediction', path: 'p.png', epoch: 1 },
  { type: 'warning', message: 'm' },
  { type: 'diverged', reason: 'x', epoch: 2 },
  { type: 'failed', reason: 'x', code: 'c' },
  { type: 'finished', steps: 3, weightsHash: 'x', measured: { steps: 3, lr: [{ min: 0.1, max: 0.2 }] } },
];

const count = 4000 * times;

it(`${count} events are stored or left out with a warning, and none makes the engine throw`, () => {
  const store = openStore({ path: ':memory:' });
  store.insertStudy({
    ...{ id: 's', name: 's', config: {}, configHash: 'c', guidelineHash: 'g', directory: '/', workers: 2, epochs: 5 },
    ...{ simulated: false, versions: {}, createdMs: 1 },
  });
  store.insertRun({
    ...{ id: 'r', studyId: 's', key: 'k', kind: 'iteration', iteration: null, repeat: 1, workers: 2, setting, seed: 1 },
    ...{ origin: 'trained', simulated: false, createdMs: 1 },
  });
  store.insertAttempt({
    name: 'a',
    runId: 'r',
    number: 1,
    launcher: 'local',
    secret: 's',
    resumeFrom: null,
    createdMs: 1,
  });
  const run = store.run('r')!;
  let warned = 0;
  const wrong: string[] = [];
  let current = '';
  const session = { store, now: () => 1000, say: () => (warned += 1) };
  const training = {
    ...{ session, run, epochs: 5, runDirectory: mkdtempSync(join(tmpdir(), 'fuzz-events-')) },
    meaning: { inFractions: (metrics: unknown) => metrics },
  } as unknown as Training;
  const reader = eventLines(attempt);
  const ingest = ingestLines(training, {
    attempt,
    onSample: storeSamples({ store, runId: 'r', key: 'k', workers: 2, onProgress: () => {} }),
    ...{ onSeen() {}, onEvent() {}, onStranger() {}, onUnreadable() {} },
  });
  reader.push(Buffer.from('{"type":"attempt","attempt":1,"name":"a"}\n'));
  for (let index = 0; index < count; index++) {
    const random = randomOf(seed * 999_983 + index);
    const event = structuredClone({ ...random.pick(events), secret: 's' });
    for (let changes = 1 + random.below(2); changes > 0; changes--) mutate(event, random);
    current = JSON.stringify(event);
    if (random.next() < 0.05) current = current.slice(0, random.below(current.length));
    if (random.next() < 0.002) current = `{"type":"started","secret":"s","environment":${'['.repeat(20_000)}`;
    const from = computedMs();
    try {
      ingest(reader.push(Buffer.from(`${current}\n`)));
    } catch (thrown) {
      wrong.push(`${current.slice(0, 300)}: ${thrown instanceof Error ? thrown.stack : thrown}`);
    }
    if (computedMs() - from > 2000) wrong.push(`${current.slice(0, 300)}: took too long`);
  }
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(warned).toBeGreaterThan(50);
  for (const { metrics } of store.evaluationsOf('r')) {
    for (const value of Object.values(metrics)) expect(typeof value).toBe('number');
  }
  store.close();
}, 3_600_000);
