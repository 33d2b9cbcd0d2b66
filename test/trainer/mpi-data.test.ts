import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mpiStatus } from '#mpi-node';
import { launcherConfig, type MpiLauncherConfig } from '../../src/config/sections/launcher.ts';
import { localLauncher } from '../../src/launcher/local/launcher.ts';
import { mpiLauncher } from '../../src/launcher/mpi/launcher.ts';
import { prepareRunDirectory, runDirectoryFiles } from '../../src/protocol/run-directory.ts';
import type { RunSpec } from '../../src/protocol/run-spec.ts';
import { present } from '../support/required.ts';
import { eventsOf, tinyRun, weightsOf } from '../support/tiny-run.ts';

const hasMpi = present('mpi', mpiStatus().available && spawnSync('mpirun', ['--version']).status === 0, 'no MPI');
const launchers = {
  local: () => localLauncher(),
  mpi: () => mpiLauncher(launcherConfig.parse({ kind: 'mpi' }) as MpiLauncherConfig),
};
const augmentation = {
  rotationDegrees: 45,
  zoom: [0.8, 1.2],
  translationPx: 2,
  flips: ['horizontal', 'vertical'],
  noise: 0.1,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpi-data-'));
  writeImages(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Whole images of three classes: a bright band at the top, in the middle or at the bottom, and a little of the others. */
function writeImages(place: string): void {
  const [side, classes] = [8, ['top', 'middle', 'bottom']];
  const splitOf = (name: string, count: number) => {
    const labels = Uint8Array.from({ length: count }, (_, image) => (image * image + image) % 3);
    const images = Float32Array.from({ length: count * side * side }, (_, index) => {
      const [image, row] = [Math.floor(index / (side * side)), Math.floor(index / side) % side];
      return Math.sin(index * 12.9898) + (Math.floor((row * 3) / side) === labels[image] ? 0.7 : 0);
    });
    const stored = (part: string, bytes: Buffer) => {
      const file = `${name}-${part}.bin`;
      writeFileSync(join(place, file), bytes);
      return { file, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    };
    return {
      count,
      images: { dtype: 'float32', ...stored('images', Buffer.from(images.buffer)) },
      labels: { dtype: 'uint8', ...stored('labels', Buffer.from(labels.buffer)) },
      cases: Array.from({ length: count }, (_, image) => `${name}-${image}`),
    };
  };
  const about = { format: 1, name: 'bands', task: 'classification', height: side, width: side, channels: ['grey'] };
  const origin = { classes, spacingMm: null, source: 'test', licence: 'CC0-1.0', madeBy: 'test' };
  const splits = { train: splitOf('train', 24), test: splitOf('test', 17) };
  writeFileSync(join(place, 'manifest.json'), JSON.stringify({ ...about, ...origin, splits }));
}

async function trained(launcher: keyof typeof launchers, workers: number, changes: Partial<RunSpec>) {
  const job = tinyRun({ workers, slices: 12, epochs: 2 });
  const spec = JSON.parse(readFileSync(runDirectoryFiles(job.runDirectory).spec, 'utf8')) as RunSpec;
  prepareRunDirectory(job.runDirectory, { ...spec, ...changes }, job.attempt);
  await (await launchers[launcher]().start(job)).exited;
  const metrics = eventsOf(job.runDirectory).find(({ type }) => type === 'evaluation')?.metrics;
  const weights = weightsOf(job.runDirectory);
  rmSync(job.runDirectory, { recursive: true });
  return { weights, metrics };
}

describe.skipIf(!hasMpi)('k MPI ranks and k local workers', { timeout: 120_000 }, () => {
  it('change the slices alike while training, and end with the same weights, bit for bit', async () => {
    const data = { kind: 'phantom', size: 8, trainSlices: 12, testSlices: 4, augmentation };
    const ranks = await trained('mpi', 3, { data });
    expect(ranks.weights).toMatch(/^[0-9a-f]{64}$/);
    expect(ranks).toEqual(await trained('local', 3, { data }));
    const plain = await trained('local', 3, { data: { ...data, augmentation: undefined } });
    expect(plain.weights).not.toBe(ranks.weights);
  });

  it('classify whole images and share the validation of an odd number of them with exactly the same metrics', async () => {
    const changes: Partial<RunSpec> = {
      task: 'classification',
      data: { kind: 'slices', path: folder, augmentation: { ...augmentation, flips: [], rotationDegrees: 5 } },
      model: { architecture: 'vgg', channels: 4, depth: 2, normalization: 'group', groups: 2 },
      metrics: ['accuracy', 'macroF1'],
    };
    const ranks = await trained('mpi', 3, changes);
    expect(ranks.weights).toMatch(/^[0-9a-f]{64}$/);
    expect(ranks).toEqual(await trained('local', 3, changes));
    expect(ranks.metrics).toMatchObject({ accuracy: expect.any(Number), macroF1: expect.any(Number) });
    expect((ranks.metrics!.accuracy! * 17) % 1).toBeCloseTo(0, 9);
  });
});
