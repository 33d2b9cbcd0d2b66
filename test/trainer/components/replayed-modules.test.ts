import { beforeAll, expect, it } from 'vitest';
import { componentsConfig } from '../../../src/config/sections/components.ts';
import { composeTraining } from '../../../src/trainer/components/compose-training.ts';
import { openCompute } from '../../../src/trainer/compute/open-compute.ts';
import { train } from '../../../src/trainer/train.ts';
import { moduleFile } from './modules.ts';

beforeAll(async () => {
  await openCompute({ backend: 'embedded', threads: 1 });
});

/** A loss that doubles after some steps: its code decides, not the slices. */
const risingLoss = `
let calls = 0;
export default {
  component: 'loss',
  loss({ tf, scores, labels }) {
    const factor = calls++ < 8 ? 1 : 2;
    const [truth, guess] = [labels, scores].map((x) => tf.reshape(x, [-1, 2]));
    return tf.mul(tf.losses.softmaxCrossEntropy(truth, guess), factor);
  },
};`;

async function training(components: object) {
  return composeTraining({
    task: 'segmentation',
    components: componentsConfig.parse(components),
    model: { architecture: 'fcn', channels: 2, normalization: 'group', groups: 2 },
    data: { kind: 'phantom', size: 8, trainSlices: 24, testSlices: 4, noise: 0.1, seed: 1 },
    loss: 'crossEntropy',
    strategy: 'allreduce',
    workers: 1,
    seed: 3,
    setting: { optimizer: 'sgd' },
    compute: { shards: 'fused' },
  });
}

it('replays the trainer’s own network and loss, and never a loss of the study, whose code may decide otherwise later', async () => {
  expect((await training({})).replay).toBe(true);
  const composed = await training({ loss: { module: moduleFile(risingLoss) } });
  expect(composed.replay).toBe(false);
  const losses: number[] = [];
  await train({
    parts: composed,
    plan: {
      schedule: () => 0,
      batchPerWorker: 24,
      epochs: 12,
      seed: 3,
      divergence: { lossFactor: 100, zeroEpochs: 100, warmupEpochs: 0, primary: 'dice' },
    },
    listener: { epoch: ({ loss }) => losses.push(loss) },
  });
  expect(losses.at(-1)! / losses[0]!).toBeCloseTo(2, 4);
});
