import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ModelConfig, modelConfig } from '../../../src/config/sections/model.ts';
import { closeCompute, openCompute } from '../../../src/trainer/compute/open-compute.ts';
import type { Dataset, DatasetShape } from '../../../src/trainer/data/dataset.ts';
import { loadSlices } from '../../../src/trainer/data/slices.ts';
import { lossNamed } from '../../../src/trainer/losses.ts';
import { buildModel } from '../../../src/trainer/models/build-model.ts';
import { updateRuleNamed } from '../../../src/trainer/optimizers/optimizer.ts';
import { localFused } from '../../../src/trainer/strategy/local.ts';
import { train } from '../../../src/trainer/train.ts';

const digits = fileURLToPath(new URL('../../../examples/digits/images', import.meta.url));
const classes = Array.from({ length: 10 }, (_, digit) => String(digit));
const shape: DatasetShape = { task: 'classification', height: 8, width: 16, channels: 3, classes };
const resnet = (options: Record<string, unknown> = {}): ModelConfig =>
  modelConfig.parse({ architecture: 'resnet', channels: 4, depth: 2, blocks: 1, ...options });

/** Name and shape of every kernel, in the order of the weights. */
function kernelShapes(config: ModelConfig): string[] {
  const network = buildModel(config, shape, 1);
  const shapes = network.weights
    .filter(({ originalName }) => originalName.endsWith('kernel'))
    .map(({ originalName, shape: size }) => `${originalName} ${size.join('×')}`);
  network.dispose();
  return shapes;
}

describe('resnet', () => {
  beforeAll(() => openCompute({ threads: 1 }));
  afterAll(() => closeCompute());

  it('projects the shortcut only where a level halves the image', () => {
    expect(kernelShapes(resnet({ blocks: 2 }))).toEqual([
      'stem-conv/kernel 3×3×3×4',
      'level-0-block-1-1-conv/kernel 3×3×4×4',
      'level-0-block-1-2-conv/kernel 3×3×4×4',
      'level-0-block-2-1-conv/kernel 3×3×4×4',
      'level-0-block-2-2-conv/kernel 3×3×4×4',
      'level-1-block-1-1-conv/kernel 3×3×4×8',
      'level-1-block-1-2-conv/kernel 3×3×8×8',
      'level-1-block-1-project/kernel 1×1×4×8',
      'level-1-block-2-1-conv/kernel 3×3×8×8',
      'level-1-block-2-2-conv/kernel 3×3×8×8',
      'scores/kernel 8×10',
    ]);
  });

  it('has the 16 block convolutions and the 512 last channels of ResNet-18 at its sizes', () => {
    const shapes = kernelShapes(resnet({ channels: 64, depth: 4, blocks: 2 }));
    expect(shapes.filter((line) => line.includes('-conv/') && line.includes('block'))).toHaveLength(16);
    expect(shapes.filter((line) => line.includes('project'))).toHaveLength(3);
    expect(shapes.at(-1)).toBe('scores/kernel 512×10');
  });

  it.each(['none', 'group', 'instance', 'batch'])(
    'gives one score per class, and every weight a finite gradient: normalization %s',
    (normalization) => {
      const network = buildModel(resnet({ normalization, dropout: 0.2 }), shape, 1);
      expect(network.outputs[0]!.shape).toEqual([null, 10]);
      const images = tf.randomUniform([3, 8, 16, 3], -1, 1, 'float32', 7);
      const { grads } = tf.variableGrads(() =>
        tf.sum(tf.square(network.apply(images, { training: true }) as tf.Tensor)),
      );
      expect(Object.keys(grads)).toHaveLength(network.trainableWeights.length);
      for (const gradient of Object.values(grads)) {
        expect(gradient.dataSync().every((value) => Number.isFinite(value))).toBe(true);
      }
      const stem = Object.values(grads)[0]!;
      expect(stem.dataSync().some((value) => value !== 0)).toBe(true);
      network.dispose();
    },
  );

  it('names the sizes it can halve, and the task it is for', () => {
    expect(() => buildModel(resnet({ depth: 5 }), shape, 1)).toThrow(
      'resnet: the slices are 8×16; both must be multiples of 16. Resize the slices or choose fewer levels.',
    );
    expect(() => buildModel(resnet(), { ...shape, task: 'segmentation' }, 1)).toThrow(
      'model.architecture resnet is for classification, but the data are labelled for segmentation. Choose fcn or unet.',
    );
  });

  it('learns handwritten digits', async () => {
    const accuracy = await accuracyAfter(6);
    // Chance is 0.1.
    expect(accuracy).toBeGreaterThan(0.6);
  });
});

async function accuracyAfter(epochs: number): Promise<number> {
  const whole = loadSlices(digits);
  const dataset: Dataset = { ...whole, splits: { train: first(whole, 'train', 800), test: first(whole, 'test', 100) } };
  const model = buildModel(resnet({ channels: 8 }), dataset, 3);
  let accuracy = Number.NaN;
  await train({
    parts: {
      model,
      dataset,
      strategy: localFused(1),
      optimizer: updateRuleNamed('momentum'),
      loss: lossNamed('crossEntropy'),
    },
    plan: {
      schedule: () => 0.05,
      batchPerWorker: 20,
      epochs,
      seed: 3,
      divergence: { lossFactor: 10, zeroEpochs: 100, warmupEpochs: 0, primary: 'accuracy' },
    },
    listener: {
      epoch: ({ metrics }) => {
        accuracy = metrics['accuracy'] ?? Number.NaN;
      },
    },
  });
  model.dispose();
  return accuracy;
}

function first({ splits, height, width, channels }: Dataset, name: 'train' | 'test', count: number) {
  const { images, labels, cases } = splits[name];
  return {
    count,
    images: images.subarray(0, count * height * width * channels),
    labels: labels.subarray(0, count),
    cases: cases.slice(0, count),
  };
}
