import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shippedZoo } from '../../src/cli/shipped-zoo.ts';
import { readVolume } from '../../src/imgmed/reading/read-volume.ts';
import { geometryDifference } from '../../src/imgmed/volume/volume.ts';
import { writeVolume } from '../../src/imgmed/write-volume.ts';
import { describeTransfer } from '../../src/trainer/zoo-model/transfer-weights.ts';
import { readZooModel, readZooWeights } from '../../src/trainer/zoo-model/zoo-model.ts';
import { listZoo } from '../../src/zoo/zoo-store.ts';
import { runCli } from '../cli/run-cli.ts';
import { sampleScan } from '../imgmed/sample-volume.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shipped-zoo-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const cli = (...argv: string[]) => runCli(argv, { cwd: folder });

describe('the models that come with the program', { timeout: 120_000 }, () => {
  it('are whole, small, and say what they learned from and what they must not be used for', async () => {
    const entries = await listZoo(shippedZoo());
    const names = ['brain-t1', 'cerebellum-t1', 'deep-grey-t1', 'lobes-t1', 'macaque-cerebellum-t1'];
    expect(entries.map(({ name }) => name)).toEqual(names);
    const index = readFileSync(join(shippedZoo(), 'index.json'), 'utf8');
    expect(JSON.parse(index)).toEqual({ format: 1, models: entries });
    for (const { name } of entries) {
      const place = join(shippedZoo(), name);
      const model = readZooModel(place);
      expect(readZooWeights(place, model).length).toBeGreaterThan(10);
      expect(model.weights.bytes).toBeLessThan(500_000);
      expect(model.metrics.dice).toBeGreaterThan(0.7);
      const card = readFileSync(join(place, 'README.md'), 'utf8');
      for (const heading of ['## Data', '- Licence:', '- Split:', '## Measured', '## What it must not be used for']) {
        expect(card).toContain(heading);
      }
    }
  });

  it('are listed, shown, pulled and predicted with by name, from any folder', async () => {
    expect(await cli('models', 'list')).toMatchObject({ code: 0, stdout: expect.stringContaining('cerebellum-t1') });
    const told = async (...argv: string[]) => JSON.parse((await cli('models', ...argv, '--json')).stdout);
    expect(await told('list')).toEqual(await listZoo(shippedZoo()));
    const shipped = join(shippedZoo(), 'cerebellum-t1');
    expect(await told('show', 'cerebellum-t1')).toEqual(readZooModel(shipped));
    expect(await told('pull', 'cerebellum-t1')).toEqual({ model: 'models/cerebellum-t1' });
    const scan = { ...sampleScan([20, 24, 18]), spacingMm: [9, 9, 10] as [number, number, number] };
    await writeVolume(scan, join(folder, 'scan.nii.gz'));
    expect(await told('predict', 'cerebellum-t1', 'scan.nii.gz')).toEqual({
      model: shipped,
      predicted: [{ scan: 'scan.nii.gz', mask: 'predictions/scan.nii.gz' }],
    });
    expect(geometryDifference(await readVolume(join(folder, 'predictions/scan.nii.gz')), scan)).toBeNull();
    expect(await cli('models', 'show', 'cerebelum')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/cerebelum: holds no model.json.*one of .*cerebellum-t1/),
    });
  });
});

describe('a transfer', () => {
  const names = Array.from({ length: 5 }, (_, index) => `w${index}`);
  const fresh = (name: string) => ({ name, reason: '2×2 there, 3×2 here' });

  it('is told in one sentence, and not in all its names', () => {
    expect(describeTransfer('models/x', { taken: names, kept: [] })).toBe(
      'initFrom models/x: the run starts from all of its 5 weights',
    );
    expect(describeTransfer('models/x', { taken: names, kept: names.map(fresh) })).toBe(
      'initFrom models/x: the run starts from 5 of its 10 weights; these start fresh: w0 (2×2 there, 3×2 here), w1 (2×2 there, 3×2 here), w2 (2×2 there, 3×2 here) and 2 more',
    );
  });
});
