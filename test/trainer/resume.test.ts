import { mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../src/trainer/checkpoint-file.ts';
import { checkpointFolder, findUsableCheckpoint } from '../../src/trainer/checkpoint-folder.ts';
import { openCompute } from '../../src/trainer/compute/open-compute.ts';
import { updateRules } from '../../src/trainer/optimizers/optimizer.ts';
import { trainTiny } from './tiny-training.ts';

beforeAll(async () => {
  await openCompute({ backend: 'cpu', threads: 1 });
});

const temporaryFolder = () => mkdtempSync(join(tmpdir(), 'checkpoint-'));

describe('training', () => {
  it('ends with the same bits for the same seed', async () => {
    expect((await trainTiny()).weights).toEqual((await trainTiny()).weights);
  });

  it.each(Object.keys(updateRules) as (keyof typeof updateRules)[])(
    'stopped at any step and resumed from disk ends with the same bits: %s',
    async (optimizer) => {
      const options = { optimizer, epochs: 2, rate: 0.01 };
      const whole = await trainTiny(options);
      for (const stopAt of [2, 6, 9]) {
        let asked = 0;
        const part = await trainTiny({ ...options, stopWanted: () => ++asked === stopAt });
        expect(part.outcome).toEqual({ state: 'stopped', step: stopAt });
        const path = join(temporaryFolder(), 'step-00000001.checkpoint');
        writeCheckpoint(path, part.checkpoints.at(-1)!);
        const rest = await trainTiny({ ...options, resumeFrom: readCheckpoint(path) });
        expect(rest.weights).toEqual(whole.weights);
        expect(rest.epochResults.at(-1)!.loss).toBe(whole.epochResults.at(-1)!.loss);
      }
    },
  );

  it('refuses a checkpoint of another training', async () => {
    const { checkpoints } = await trainTiny();
    const resumed = trainTiny({ resumeFrom: checkpoints[0]!, fingerprint: 'other' });
    await expect(resumed).rejects.toThrow(/belongs to another training/);
  });

  it('reports a rate that is far too high as diverged', async () => {
    const { outcome } = await trainTiny({
      rate: 1e30,
      epochs: 3,
      model: { architecture: 'fcn', channels: 2, normalization: 'none', groups: 1 },
    });
    expect(outcome.state).toBe('diverged');
  });
});

describe('a checkpoint folder', () => {
  async function threeSaved() {
    const folder = temporaryFolder();
    const { checkpoints } = await trainTiny({ epochs: 3 });
    const store = checkpointFolder(folder, { keep: 2 });
    const paths = checkpoints.map((checkpoint) => store.save(checkpoint));
    return { folder, newest: paths.at(-1)! };
  }

  it('keeps the newest two and leaves nothing half written', async () => {
    const { folder } = await threeSaved();
    expect(readdirSync(folder).sort()).toEqual(['step-00000012.checkpoint', 'step-00000018.checkpoint']);
  });

  it('falls back to the one before when the newest was cut off', async () => {
    const { newest } = await threeSaved();
    truncateSync(newest, 500);
    const { checkpoint, problems } = findUsableCheckpoint(newest);
    expect(checkpoint?.step).toBe(12);
    expect(problems).toHaveLength(1);
  });

  it('falls back when one byte of the newest changed', async () => {
    const { newest } = await threeSaved();
    const data = readFileSync(newest);
    data[data.length - 100] = data[data.length - 100]! ^ 1;
    writeFileSync(newest, data);
    const { checkpoint, problems } = findUsableCheckpoint(newest);
    expect(checkpoint?.step).toBe(12);
    expect(problems[0]).toMatch(/checksum/);
  });
});
