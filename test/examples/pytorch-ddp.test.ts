import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultDecayEpochs, type GreScaleSpec, greScale } from '../../schedules/index.ts';
import { loadStudyConfig } from '../../src/config/load.ts';
import { readHeartbeats } from '../../src/protocol/heartbeat-file.ts';
import { type TrainerEvent, trainerEvent } from '../../src/protocol/trainer-event.ts';

const folder = fileURLToPath(new URL('../../examples/pytorch-ddp', import.meta.url));
const client = fileURLToPath(new URL('../../clients/python', import.meta.url));
const python = ['python3', '/usr/bin/python3'].find(
  (each) => spawnSync(each, ['-c', 'import torch, torch.distributed']).status === 0,
);
const required = (process.env['AUTOPILOT_REQUIRE'] ?? '').split(',').includes('torch');

describe('docs/python-client.md', () => {
  it('shows exactly what train.py adds to train_plain.py, in at most five lines', () => {
    const page = readFileSync(new URL('../../docs/python-client.md', import.meta.url), 'utf8');
    const shown = /```diff\n([\s\S]*?)\n```/
      .exec(page)![1]!
      .split('\n')
      .filter((line) => !/^(---|\+\+\+|@@)/.test(line));
    const lines = (name: string) => readFileSync(join(folder, name), 'utf8').split('\n');
    const [plain, driven] = [lines('train_plain.py'), lines('train.py')];
    const added = shown.filter((line) => line.startsWith('+')).map((line) => line.slice(1));
    const removed = shown.filter((line) => line.startsWith('-')).map((line) => line.slice(1));
    expect(added.length).toBeLessThanOrEqual(5);
    expect(removed.length).toBeLessThanOrEqual(added.length);
    // Each line of either file is in the other, or shown: the first as added, the last as removed.
    expect(driven.filter((line) => !plain.includes(line))).toEqual(added);
    expect(plain.filter((line) => !driven.includes(line))).toEqual(removed);
    expect(driven).toHaveLength(plain.length + added.length - removed.length);
  });
});

describe('examples/pytorch-ddp/study.yaml', () => {
  it('is a study that can be loaded', () => {
    expect(loadStudyConfig(join(folder, 'study.yaml')).config.trainer.kind).toBe('command');
  });
});

if (python === undefined && !required) {
  console.warn('PyTorch is not installed (Debian: python3-torch): examples/pytorch-ddp is not trained.');
} else {
  describe('examples/pytorch-ddp/train.py', () => {
    let root: string;
    const started: ChildProcess[] = [];
    beforeAll(() => {
      root = mkdtempSync(join(tmpdir(), 'autopilot-ddp-'));
    });
    afterAll(() => {
      // torchrun ends its workers when it is told to end; those that ended by themselves do not hear it.
      for (const child of started) child.kill();
      rmSync(root, { recursive: true, force: true });
    });

    const specOf = (workers: number): GreScaleSpec => ({
      policy: 'greScale',
      workers,
      epochs: 3,
      initialLr: 0.3,
      warmupEpochs: 1,
      decayEpochs: defaultDecayEpochs(3, 1),
      decayCoefficient: 3,
      decayShape: 'exponential',
    });

    function start(directory: string, workers: number, { attempt = 1, resumeFrom = null as string | null } = {}) {
      const { policy: _, workers: __, epochs, decayShape: ___, ...setting } = specOf(workers);
      mkdirSync(directory, { recursive: true });
      const run = {
        protocol: 1,
        attempt,
        seed: 5,
        workers,
        batchPerWorker: 1,
        epochs,
        setting: { ...setting, optimizer: 'sgd' },
        schedule: specOf(workers),
        evaluate: ['validation'],
        checkpoints: { everyEpochs: 1, keep: 2 },
        resumeFrom,
      };
      writeFileSync(join(directory, 'run.json'), JSON.stringify(run));
      const torchrun = [
        '-m',
        'torch.distributed.run',
        '-r1',
        '-t1',
        '--rdzv_backend=c10d',
        '--rdzv_endpoint=localhost:0',
      ];
      const child = spawn(python ?? 'python3', [...torchrun, `--nproc_per_node=${workers}`, 'train.py'], {
        cwd: folder,
        env: {
          ...process.env,
          PYTHONPATH: client,
          OMP_NUM_THREADS: '1',
          AUTOPILOT_RUN: directory,
          AUTOPILOT_ATTEMPT: `${basename(directory)}-${attempt}`,
        },
        stdio: 'ignore',
      });
      started.push(child);
      return once(child, 'exit');
    }

    function events(directory: string): TrainerEvent[] {
      const lines = readFileSync(join(directory, 'events.ndjson'), 'utf8').trimEnd().split('\n');
      return lines.map((line) => trainerEvent.parse(JSON.parse(line)));
    }

    const evaluationOf = (directory: string) => events(directory).find(({ type }) => type === 'evaluation');

    it('trains with 4 processes at the rates of the schedule, and every rank beats in its own file', async () => {
      const directory = join(root, 'four');
      expect(await start(directory, 4)).toEqual([0, null]);
      const seen = events(directory);
      const schedule = greScale(specOf(4));
      for (const event of seen) {
        if (event.type !== 'epoch') continue;
        // 220 slices, 4 a step: 55 steps an epoch.
        expect(Math.abs(Number(event.lr) / schedule(event.epoch - 1 / 55) - 1)).toBeLessThan(1e-12);
      }
      const beats = readHeartbeats(join(directory, 'heartbeats', 'four-1'));
      expect(beats.map(({ rank, step, phase }) => [rank, step, phase])).toEqual(
        [0, 1, 2, 3].map((rank) => [rank, 165, 'done']),
      );
      expect(seen.filter((event) => event.type === 'heartbeat' && event.rank !== 0)).toEqual([]);
      expect(seen.at(-1)!.type).toBe('finished');
    }, 300_000);

    it('stops when asked, resumes, and ends with the same result as undisturbed', async () => {
      const [whole, halves] = [join(root, 'whole'), join(root, 'halves')];
      expect(await start(whole, 2)).toEqual([0, null]);
      mkdirSync(halves);
      writeFileSync(join(halves, 'stop'), '');
      expect(await start(halves, 2)).toEqual([0, null]);
      expect(events(halves).map(({ type }) => type)).not.toContain('finished');
      rmSync(join(halves, 'stop'));
      const saved = readdirSync(join(halves, 'checkpoints')).filter((name) => name.endsWith('.checkpoint'));
      expect(saved).toEqual(['step-000000110.checkpoint']);
      await start(halves, 2, { attempt: 2, resumeFrom: `checkpoints/${saved[0]}` });
      expect(evaluationOf(whole)).toBeDefined();
      expect(evaluationOf(halves)).toMatchObject({ metrics: (evaluationOf(whole) as { metrics: object }).metrics });
      expect(existsSync(join(halves, 'checkpoints/step-000000330.checkpoint'))).toBe(true);
    }, 300_000);
  });
}
