import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainerEvent } from '../../src/protocol/trainer-event.ts';

const client = fileURLToPath(new URL('../../clients/python', import.meta.url));
const script = `
import grescale_autopilot as autopilot
with autopilot.current() as run:
    run.start(optimizers=["sgd", "adam"], environment={"torch": "1.13"})
    run.report(1, loss=float("nan"), dice=0.5)
    run.warn("a warning")
    run.checkpoint(b"weights", step=10, epoch=1)
    run.heartbeat(10)
    run.evaluate(dice=0.6, meanIoU=float("inf"))
`;

const spec = {
  protocol: 1,
  attempt: 3,
  seed: 1,
  workers: 2,
  batchPerWorker: 1,
  epochs: 4,
  setting: { initialLr: 0.1, decayCoefficient: 3, warmupEpochs: 1, decayEpochs: 1, optimizer: 'sgd' },
  schedule: { policy: 'constant', workers: 2, epochs: 4, initialLr: 0.1, scaling: 'linear' },
  checkpoints: { everyEpochs: 1, keep: 2 },
  resumeFrom: null,
};

/** One with PyTorch, if there is any: the client's own tests do more then. */
const interpreter =
  ['python3', '/usr/bin/python3'].find((each) => spawnSync(each, ['-c', 'import torch']).status === 0) ?? 'python3';

function python(args: string[], environment: Record<string, string> = {}) {
  return spawnSync(interpreter, args, { cwd: client, encoding: 'utf8', env: { ...process.env, ...environment } });
}

describe('the Python client', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'autopilot-client-'));
    writeFileSync(join(directory, 'run.json'), JSON.stringify(spec));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('passes its own tests, the shared schedule vectors among them', { timeout: 1_200_000 }, () => {
    const { status, stderr } = python(['-m', 'unittest', 'discover', '-s', 'tests', '-t', '.']);
    expect(stderr).toMatch(/\nOK/);
    expect(status).toBe(0);
  });

  it('writes only events that the protocol knows, with the attempt in each', () => {
    const { status, stderr } = python(['-c', script], { AUTOPILOT_RUN: directory });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const lines = readFileSync(join(directory, 'events.ndjson'), 'utf8').trimEnd().split('\n');
    const events = lines.map((line) => trainerEvent.parse(JSON.parse(line)));
    const types = events.map(({ type }) => type).filter((type) => type !== 'heartbeat');
    expect(types).toEqual(['started', 'epoch', 'warning', 'checkpoint', 'evaluation', 'finished']);
    expect(new Set(events.map(({ attempt }) => attempt))).toEqual(new Set([3]));
    const evaluation = events.find((event) => event.type === 'evaluation');
    expect(evaluation).toMatchObject({ metrics: { dice: 0.6, meanIoU: Number.POSITIVE_INFINITY } });
  });
});
