import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelConfig } from '../../src/config/sections/model.ts';
import { prepConfig } from '../../src/config/sections/prep.ts';
import { readVolume } from '../../src/imgmed/reading/read-volume.ts';
import { writeVolume } from '../../src/imgmed/write-volume.ts';
import { closeCompute, openCompute } from '../../src/trainer/compute/open-compute.ts';
import { buildModel } from '../../src/trainer/models/build-model.ts';
import { initializeFrom } from '../../src/trainer/zoo-model/transfer-weights.ts';
import { hashOf, readZooModel, readZooWeights, writeZooModel } from '../../src/trainer/zoo-model/zoo-model.ts';
import { loadZooModel, predictScan } from '../../src/zoo/predict-scan.ts';
import { listZoo, pullModel, writeZooIndex } from '../../src/zoo/zoo-store.ts';
import { runCli } from '../cli/run-cli.ts';
import { sampleScan } from '../imgmed/sample-volume.ts';

let folder: string;
let zoo: string;
let server: Server;
const architecture = modelConfig.parse({ architecture: 'unet', channels: 4, depth: 2 });
const shape = { height: 16, width: 16, channels: 1, classes: ['background', 'ball'] };

beforeAll(async () => {
  await openCompute({ threads: 1 });
  folder = mkdtempSync(join(tmpdir(), 'zoo-'));
  zoo = join(folder, 'zoo');
  const network = buildModel(architecture, shape, 5);
  const weights = network.weights.map((weight) => ({
    name: weight.originalName,
    shape: weight.shape as number[],
    values: Float32Array.from(weight.read().dataSync()),
  }));
  writeZooModel(
    join(zoo, 'ball'),
    {
      name: 'ball',
      description: 'A ball',
      licence: 'CC0-1.0',
      architecture,
      input: { height: 16, width: 16, channels: ['T1'], classes: shape.classes },
      preprocessing: prepConfig.parse({ input: '.', output: '.', size: { height: 16, width: 16 } }),
      metrics: { dice: 0.9 },
      study: null,
    },
    weights,
    '# ball\n',
  );
  await writeZooIndex(zoo);
  server = createServer((request, response) => response.end(readFileSync(join(zoo, request.url!))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  closeCompute();
  rmSync(folder, { recursive: true });
});

const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

describe('a zoo', () => {
  it('lists and pulls the same from a folder and over http', async () => {
    expect(await listZoo(address())).toEqual(await listZoo(zoo));
    const pulled = await pullModel(address(), 'ball', join(folder, 'pulled'));
    expect(readZooWeights(pulled)).toEqual(readZooWeights(join(zoo, 'ball')));
    await expect(pullModel(zoo, 'bal', folder)).rejects.toThrow('has no model "bal"; it has ball');
  });

  it('refuses weights that are not the published ones', async () => {
    const pulled = await pullModel(zoo, 'ball', join(folder, 'damaged'));
    const bytes = readFileSync(join(pulled, 'weights.bin'));
    bytes[10]! ^= 1;
    writeFileSync(join(pulled, 'weights.bin'), bytes);
    expect(() => readZooWeights(pulled)).toThrow('checksum');
  });

  it('starts a model from weights of equal name and shape and says which', () => {
    const three = { ...shape, classes: ['background', 'a', 'b'] };
    const network = buildModel(architecture, three, 1);
    const { taken, kept } = initializeFrom(network, join(zoo, 'ball'));
    expect(taken.length).toBe(network.weights.length - 2);
    expect(kept.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([
      'scores/kernel: 1×1×4×2 there, 1×1×4×3 here',
      'scores/bias: 2 there, 3 here',
    ]);
  });

  it('predicts on the scan’s own grid, whatever its orientation', async () => {
    const scan = { ...sampleScan(), direction: [0, -1, 0, 0, 0, -1, 1, 0, 0] };
    const mask = await predictScan(loadZooModel(join(zoo, 'ball')), scan);
    const { data: _, channels: __, ...grid } = scan;
    expect(mask).toMatchObject(grid);
    expect(new Set(mask.data).size).toBeLessThanOrEqual(2);
  });

  it('writes masks with the label values of the data set, and class numbers where the model names none', async () => {
    const loaded = loadZooModel(join(zoo, 'ball'));
    const numbers = await predictScan(loaded, sampleScan());
    expect(new Set(numbers.data)).toEqual(new Set([0, 1]));
    const input = { ...loaded.description.input!, labelValues: [0, 420] };
    const own = await predictScan({ ...loaded, description: { ...loaded.description, input } }, sampleScan());
    expect([...own.data]).toEqual(Array.from(numbers.data, (label) => label * 420));
    const written = join(folder, 'own.nii.gz');
    await writeVolume(own, written);
    expect(new Set((await readVolume(written)).data)).toEqual(new Set([0, 420]));
  });

  it('refuses label values that are not one per class', () => {
    const source = join(zoo, 'ball');
    const damaged = join(folder, 'two-values');
    cpSync(source, damaged, { recursive: true });
    const model = readZooModel(source);
    const path = join(damaged, 'model.json');
    writeFileSync(path, JSON.stringify({ ...model, input: { ...model.input, labelValues: [0] } }));
    expect(() => readZooModel(damaged)).toThrow(
      `${path}: is not a zoo model of format 1: input: labelValues must have one value per class`,
    );
  });

  it('refuses a name that is taken, whether published or pulled', async () => {
    const { weights: _, format: __, ...model } = readZooModel(join(zoo, 'ball'));
    expect(() => writeZooModel(join(zoo, 'ball'), model, [], '')).toThrow(
      `${join(zoo, 'ball')}: a model of this name already exists; choose another name or remove it`,
    );
    const target = join(folder, 'twice');
    await pullModel(zoo, 'ball', target);
    await expect(pullModel(zoo, 'ball', target)).rejects.toThrow(
      `${join(target, 'ball')}: already exists; remove it to pull again`,
    );
  });

  it('pulls nothing when a file does not have the checksum of the index', async () => {
    const other = join(folder, 'other-zoo');
    cpSync(zoo, other, { recursive: true });
    const index = join(other, 'index.json');
    const hash = hashOf(readFileSync(join(other, 'ball', 'weights.bin')));
    writeFileSync(index, readFileSync(index, 'utf8').replace(hash, hashOf(Buffer.from('others'))));
    const serving = createServer((request, response) => response.end(readFileSync(join(other, request.url!))));
    await new Promise<void>((resolve) => serving.listen(0, '127.0.0.1', resolve));
    const place = `http://127.0.0.1:${(serving.address() as AddressInfo).port}`;
    const target = join(folder, 'mismatch');
    await expect(pullModel(place, 'ball', target)).rejects.toThrow(
      `${place}: ball/weights.bin does not match its checksum; ask whoever maintains the zoo`,
    );
    expect(readdirSync(target)).toEqual([]);
    serving.close();
  });

  it('does not start a model from weights that have nothing in common with it', () => {
    const network = buildModel(modelConfig.parse({ architecture: 'fcn', channels: 8 }), shape, 1);
    expect(() => initializeFrom(network, join(zoo, 'ball'))).toThrow(
      `model.initFrom: no weight of ${join(zoo, 'ball')} has the name and shape of one in this model; choose another zoo model or architecture`,
    );
  });

  it('imports a TensorFlow.js layers model by the names of its weights', { timeout: 60_000 }, async () => {
    const source = join(folder, 'layers');
    mkdirSync(source);
    writeFileSync(join(source, 'group1-shard1of1.bin'), Buffer.from(new Float32Array([1, 2, 3, 4]).buffer));
    const weights = [
      { name: 'block1_conv1/block1_conv1/kernel:0', shape: [1, 1, 1, 3], dtype: 'float32' },
      { name: 'block1_conv1_1/block1_conv1_b_1', shape: [1], dtype: 'float32' },
    ];
    const manifest = [{ paths: ['group1-shard1of1.bin'], weights }];
    writeFileSync(join(source, 'model.json'), JSON.stringify({ modelTopology: {}, weightsManifest: manifest }));
    const zoo = join(folder, 'imported');
    const options = ['--name', 'vgg', '--licence', 'CC-BY-4.0', '--zoo', zoo, '--json'];
    const { stdout } = await runCli(['models', 'import', join(source, 'model.json'), ...options]);
    const target = join(zoo, 'vgg');
    expect(JSON.parse(stdout)).toEqual({ model: target, weights: readZooModel(target).weights });
    const [kernel] = readZooWeights(target);
    expect(kernel).toMatchObject({ name: 'block1_conv1/kernel', shape: [1, 1, 1, 3] });
    expect([...kernel!.values]).toEqual([1, 2, 3]);
  });
});
