import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelConfig } from '../../src/config/model.ts';
import { prepConfig } from '../../src/config/prep.ts';
import { closeCompute, openCompute } from '../../src/trainer/compute/open-compute.ts';
import { buildModel } from '../../src/trainer/models/build-model.ts';
import { importLayersModel } from '../../src/zoo/import-layers-model.ts';
import { loadZooModel, predictScan } from '../../src/zoo/predict-scan.ts';
import { initializeFrom } from '../../src/zoo/transfer-weights.ts';
import { readZooWeights, writeZooModel } from '../../src/zoo/zoo-model.ts';
import { listZoo, pullModel, writeZooIndex } from '../../src/zoo/zoo-store.ts';
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

  it('imports a TensorFlow.js layers model by the names of its weights', () => {
    const source = join(folder, 'layers');
    mkdirSync(source);
    writeFileSync(join(source, 'group1-shard1of1.bin'), Buffer.from(new Float32Array([1, 2, 3, 4]).buffer));
    const weights = [
      { name: 'block1_conv1/block1_conv1/kernel:0', shape: [1, 1, 1, 3], dtype: 'float32' },
      { name: 'block1_conv1_1/block1_conv1_b_1', shape: [1], dtype: 'float32' },
    ];
    const manifest = [{ paths: ['group1-shard1of1.bin'], weights }];
    writeFileSync(join(source, 'model.json'), JSON.stringify({ modelTopology: {}, weightsManifest: manifest }));
    const target = join(folder, 'imported');
    const modelJson = join(source, 'model.json');
    importLayersModel({ modelJson, folder: target, name: 'vgg', description: 'VGG', licence: 'CC-BY-4.0' });
    const [kernel] = readZooWeights(target);
    expect(kernel).toMatchObject({ name: 'block1_conv1/kernel', shape: [1, 1, 1, 3] });
    expect([...kernel!.values]).toEqual([1, 2, 3]);
  });
});
