import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { AutopilotBackend } from '../../packages/tfjs-backend-autopilot/src/index.ts';
import type { StepReport, StepRequest } from './networks.ts';

/** The compiled program, as users run it: tsx adds a call to every closure. */
const compiled = (module: string) => import(new URL(`../../dist/${module}.js`, import.meta.url).href);
type Compute = typeof import('../../src/trainer/compute/open-compute.ts');
type Package = typeof import('../../packages/tfjs-backend-autopilot/src/index.ts');
const { openCompute } = (await compiled('src/trainer/compute/open-compute')) as Compute;
const own = (await compiled('packages/tfjs-backend-autopilot/src/index')) as Package;
const { convBiasRelu, fusedSgd, profileKernels, replayed, softmaxCrossEntropy } = own;

/** One U-Net: its variables and its logits. */
interface Built {
  variables: tf.Variable[];
  forward(x: tf.Tensor4D): tf.Tensor4D;
}

/** A U-Net of the package's fused functions. */
function fusedUnet({ width, depth }: StepRequest): Built {
  const variables: tf.Variable[] = [];
  const variable = (shape: number[], fanIn: number) => {
    const made = tf.variable(
      tf.randomNormal(shape, 0, fanIn ? Math.sqrt(2 / fanIn) : 0, 'float32', variables.length + 1),
    );
    variables.push(made);
    return made;
  };
  const convolution = (size: number, from: number, to: number, relu = true) => {
    const [w, b] = [
      variable([size, size, from, to], size * size * from) as tf.Tensor4D,
      variable([to], 0) as tf.Tensor1D,
    ];
    return (x: tf.Tensor4D) => convBiasRelu(x, w, b, { relu });
  };
  const up = (from: number, to: number) => {
    const [w, b] = [variable([2, 2, to, from], 4 * from) as tf.Tensor4D, variable([to], 0)];
    return (x: tf.Tensor4D) => {
      const [n, h, v] = x.shape;
      return tf.add(tf.conv2dTranspose(x, w, [n, h * 2, v * 2, to], 2, 'same'), b) as tf.Tensor4D;
    };
  };
  const pair = (from: number, to: number) => [convolution(3, from, to), convolution(3, to, to)] as const;
  const down = Array.from({ length: depth }, (_, k) => pair(k ? width << (k - 1) : 1, width << k));
  const ups = Array.from({ length: depth - 1 }, (_, i) => {
    const to = width << (depth - 2 - i);
    return { grow: up(to * 2, to), convolve: pair(to * 2, to) };
  });
  const head = convolution(1, width, 2, false);
  const forward = (x: tf.Tensor4D) => {
    const skips: tf.Tensor4D[] = [];
    down.forEach(([first, second], k) => {
      x = second(first(k ? tf.maxPool(x, 2, 2, 'valid') : x));
      skips.push(x);
    });
    ups.forEach(({ grow, convolve: [first, second] }, i) => {
      x = second(first(tf.concat([grow(x), skips[depth - 2 - i]!], 3)));
    });
    return head(x);
  };
  return { variables, forward };
}

/** A U-Net of ordinary tf.layers. */
function layersUnet({ width, depth, side }: StepRequest): Built {
  const input = tfl.input({ shape: [side, side, 1] });
  const twice = (x: tfl.SymbolicTensor, filters: number) => {
    const layer = () => tfl.layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' });
    return layer().apply(layer().apply(x)) as tfl.SymbolicTensor;
  };
  let x = input;
  const skips: tfl.SymbolicTensor[] = [];
  for (let k = 0; k < depth; k++) {
    if (k) x = tfl.layers.maxPooling2d({ poolSize: 2 }).apply(x) as tfl.SymbolicTensor;
    x = twice(x, width << k);
    skips.push(x);
  }
  for (let k = depth - 2; k >= 0; k--) {
    const grown = tfl.layers
      .conv2dTranspose({ filters: width << k, kernelSize: 2, strides: 2, padding: 'same' })
      .apply(x);
    x = twice(
      tfl.layers.concatenate().apply([grown as tfl.SymbolicTensor, skips[k]!]) as tfl.SymbolicTensor,
      width << k,
    );
  }
  const outputs = tfl.layers.conv2d({ filters: 2, kernelSize: 1 }).apply(x) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs });
  const variables = model.trainableWeights.map((weight) => weight.read() as unknown as tf.Variable);
  return { variables, forward: (image) => model.apply(image, { training: true }) as tf.Tensor4D };
}

/** Trains one network for the requested time and prints a StepReport. */
async function main(): Promise<void> {
  const request = JSON.parse(process.argv[2]!) as StepRequest;
  const [backend, ...ways] = request.variant.split(' ');
  const { reason } = await openCompute({
    backend: backend!,
    threads: request.threads,
    precision: ways.includes('bf16') ? 'bf16' : 'float32',
  });
  const { variables, forward } = ways.includes('layers') ? layersUnet(request) : fusedUnet(request);
  const { batch, side } = request;
  const x = tf.randomNormal<tf.Rank.R4>([batch, side, side, 1], 0, 1, 'float32', 1);
  const labels = tf.cast(tf.oneHot(tf.cast(tf.greater(tf.reshape(x, [-1]), 0), 'int32'), 2), 'float32');
  const pass = ([image, truth]: tf.Tensor[]) =>
    tf.tidy(() => {
      const loss = () => softmaxCrossEntropy(truth!, tf.reshape(forward(image as tf.Tensor4D), [-1, 2]));
      const { value, grads } = tf.variableGrads(loss, variables);
      return [value, ...variables.map(({ name }) => grads[name]!)];
    });
  const compute = ways.includes('replayed') ? replayed(pass) : pass;
  const step = async () => {
    const from = performance.now();
    const [value, ...gradients] = compute([x, labels]);
    for (const [index, variable] of variables.entries())
      fusedSgd(variable, gradients[index]!, undefined, { rate: 0.01 });
    await value!.data();
    tf.dispose([value!, ...gradients]);
    return performance.now() - from;
  };
  // V8 optimizes code that has run often enough, and most of a training's thousands of steps run optimized.
  for (let steps = 0, from = performance.now(); steps < 2 || performance.now() - from < request.warmupMs; steps++)
    await step();
  const profiler = request.profile ? profileKernels((tf.backend() as AutopilotBackend).device) : undefined;
  const wallMs: number[] = [];
  const before = process.cpuUsage();
  const start = performance.now();
  while (performance.now() - start < request.measureMs) wallMs.push(await step());
  const { user, system } = process.cpuUsage(before);
  const profile = profiler
    ?.stop()
    .map(({ kernel, calls, ms }) => ({ kernel, calls: calls / wallMs.length, ms: ms / wallMs.length }));
  const adapter = /adapter (.+)$/.exec(reason)?.[1];
  const report: StepReport = {
    parameters: variables.reduce((sum, variable) => sum + variable.size, 0),
    wallMs,
    cpuMs: (user + system) / 1000 / wallMs.length,
    memoryMiB: process.resourceUsage().maxRSS / 1024,
    version: `node ${process.versions.node}, tfjs ${tf.version_core}${adapter ? ` on ${adapter}` : ''}`,
    ...(profile && { profile }),
  };
  console.log(JSON.stringify(report));
}

await main();
