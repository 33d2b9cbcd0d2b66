import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A working module of each kind, as the docs show them. */
export const goodModules = {
  architecture: `import { defineArchitecture } from 'grescale-autopilot/components';
export default defineArchitecture({
  build({ tfl, shape, parameters }) {
    const slice = tfl.input({ shape: [shape.height, shape.width, shape.channels] });
    const hidden = tfl.layers.conv2d({ name: 'hidden', filters: parameters.filters ?? 4, kernelSize: 3, padding: 'same', activation: 'relu' }).apply(slice);
    const scores = tfl.layers.conv2d({ name: 'scores', filters: shape.classes.length, kernelSize: 1 }).apply(hidden);
    return tfl.model({ inputs: slice, outputs: scores });
  },
});`,
  dataset: `import { defineDataset } from 'grescale-autopilot/components';
export default defineDataset({
  load({ parameters: { size = 8 } }) {
    const split = (count, from) => {
      const images = Float32Array.from({ length: count * size * size }, (_, i) => Math.sin((i + from) * 1.7));
      return { count, images, labels: Uint8Array.from(images, (value) => (value > 0 ? 1 : 0)), cases: Array.from({ length: count }, (_, i) => 'c' + i) };
    };
    return { name: 'waves', height: size, width: size, channels: 1, classes: ['down', 'up'], splits: { train: split(24, 0), test: split(6, 5000) } };
  },
});`,
  loss: `import { defineLoss } from 'grescale-autopilot/components';
export default defineLoss({ loss: ({ tf, scores, labels }) => tf.mean(tf.squaredDifference(tf.softmax(scores), labels)) });`,
  optimizer: `import { defineOptimizer } from 'grescale-autopilot/components';
export default defineOptimizer({
  slots: [],
  update: ({ tf, weight, gradient, rate }) => ({ weight: tf.sub(weight, tf.mul(tf.sign(gradient), rate * 0.01)), state: [] }),
});`,
  metric: `import { defineMetric } from 'grescale-autopilot/components';
export default defineMetric({
  name: 'exactImages', counts: 2,
  count: ({ reference, predicted }) => [reference.every((value, index) => value === predicted[index]) ? 1 : 0, 1],
  value: ([right, all]) => right / all,
});`,
  strategy: `import { defineStrategy } from 'grescale-autopilot/components';
export default defineStrategy({
  name: 'plain mean',
  async average(gradients, { workers, mpi }) {
    const sum = new Float32Array(gradients[0].length);
    for (const gradient of gradients) gradient.forEach((value, index) => { sum[index] += value; });
    if (mpi !== null) await mpi.allreduce(sum);
    return sum.map((value) => value / workers);
  },
});`,
  callback: `import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineCallback } from 'grescale-autopilot/components';
const note = (text, { directory }) => appendFileSync(join(directory, 'notes.txt'), text + '\\n');
export default defineCallback({
  onStart: (run) => note('start ' + run.key, run),
  onEpoch: ({ epoch }, run) => note('epoch ' + epoch, run),
  onCheckpoint: ({ step }, run) => note('checkpoint ' + step, run),
  onEnd: ({ state }, run) => note('end ' + state, run),
});`,
} as const;

export type Kind = keyof typeof goodModules;

/** A study's `components` with a module in the place of its kind. */
export const placeOf: Record<Kind, (file: string) => object> = {
  architecture: (module) => ({ architecture: { module, parameters: { filters: 3 } } }),
  dataset: (module) => ({ dataset: { module } }),
  loss: (module) => ({ loss: { module } }),
  optimizer: (module) => ({ optimizer: { module } }),
  strategy: (module) => ({ strategy: { module } }),
  metric: (module) => ({ metrics: [{ module }] }),
  callback: (module) => ({ callbacks: [{ module }] }),
};

/** The module as a file in a folder of its own that has no node_modules. */
export function moduleFile(text: string, name = 'part.mjs'): string {
  const path = join(mkdtempSync(join(tmpdir(), 'module-')), name);
  writeFileSync(path, text);
  return path;
}
