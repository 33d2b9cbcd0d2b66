import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type AutopilotBackend,
  convBiasRelu,
  fusedAdam,
  fusedSgd,
  groupNorm,
  type Pass,
  type Replayed,
  replayed,
  softmaxCrossEntropy,
} from '../src/index.ts';
import { type BackendUnderTest, backendsUnderTest, noise, propertyRuns } from './support/backends.ts';

let backends: BackendUnderTest[];
let some: BackendUnderTest[];
beforeAll(async () => {
  backends = await backendsUnderTest();
  some = [backends[0]!, backends.at(-1)!];
});

const heap = () => (tf.backend() as AutopilotBackend).device.heap;
const bits = (tensor: tf.Tensor) => Buffer.from(Float32Array.from(tensor.dataSync()).buffer).toString('base64');

/** The results of one call per seed, bit for bit. */
function resultsOf(
  pass: (inputs: tf.Tensor[]) => tf.Tensor[],
  seeds: readonly number[],
  shape = [2, 8, 8, 3],
): string[][] {
  return seeds.map((seed) => {
    const x = noise(shape, seed);
    const outputs = pass([x]);
    const result = outputs.map(bits);
    tf.dispose([x, ...outputs]);
    return result;
  });
}

/** Checks that a pass that must be computed anew is. */
async function expectRefused(pass: Pass, reason: RegExp): Promise<void> {
  for (const { name } of some) {
    await tf.setBackend(name);
    const repeated = replayed(pass);
    expect(resultsOf(repeated, [1, 2, 3, 3])).toEqual(resultsOf(pass, [1, 2, 3, 3]));
    expect(repeated.refused).toMatch(reason);
  }
}

interface Network {
  channels: number;
  groups: number;
  transpose: boolean;
  resize: 'bilinear' | 'nearest' | 'none';
  layers: boolean;
  momentum: number | 'adam';
}

const networks: fc.Arbitrary<Network> = fc.record({
  channels: fc.constantFrom(2, 4, 12, 16, 20),
  groups: fc.constantFrom(1, 2),
  transpose: fc.boolean(),
  resize: fc.constantFrom('bilinear', 'nearest', 'none'),
  layers: fc.boolean(),
  momentum: fc.constantFrom(0, 0.9, 'adam'),
});

/** Trains a network for some steps with the pass that `wrap` returns: all losses and the weights, bit for bit. */
function train(
  { channels, groups, transpose, resize, layers, momentum }: Network,
  wrap: (pass: Pass) => Pass,
): string[] {
  const made: tf.Variable[] = [];
  const variable = (shape: number[]) => {
    made.push(tf.variable(noise(shape, made.length + 1)));
    return made.at(-1)!;
  };
  const first = variable([3, 3, 3, channels]) as tf.Tensor4D;
  const bias = variable([channels]) as unknown as tf.Tensor1D;
  const [scale, shift] = [variable([channels]), variable([channels])] as unknown as tf.Tensor1D[];
  const up = transpose ? (variable([2, 2, channels, channels]) as tf.Tensor4D) : undefined;
  const last = variable([1, 1, channels, 2]) as tf.Tensor4D;
  const dense = tfl.layers.conv2d({ filters: channels, kernelSize: 3, padding: 'same', activation: 'relu' });
  if (layers) {
    tf.tidy(() => dense.apply(tf.zeros([1, 8, 8, channels])));
    for (const weight of dense.trainableWeights) {
      const read = weight.read() as unknown as tf.Variable;
      read.assign(noise(read.shape, made.length + 1));
      made.push(read);
    }
  }
  const forward = (image: tf.Tensor): tf.Tensor4D => {
    let x = groupNorm(convBiasRelu(image as tf.Tensor4D, first, bias), scale!, shift!, groups, { relu: true });
    if (layers) x = dense.apply(x) as tf.Tensor4D;
    x = tf.maxPool(x, 2, 2, 'same');
    const size: [number, number] = [image.shape[1]!, image.shape[2]!];
    if (up) x = tf.conv2dTranspose(x, up, [image.shape[0]!, ...size, channels], 2, 'same');
    else if (resize === 'nearest') x = tf.image.resizeNearestNeighbor(x, size);
    else x = tf.image.resizeBilinear(x, size);
    // A constant of the pass, which kernels' intermediate memory must not overwrite.
    return tf.conv2d(tf.mul(x, tf.scalar(0.5)) as tf.Tensor4D, last, 1, 'same');
  };
  const pass = wrap(([image, labels]) =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => softmaxCrossEntropy(labels!, forward(image!)), made);
      return [value, ...made.map(({ name }) => grads[name]!)];
    }),
  );
  const memory = made.map((weight) => [tf.variable(tf.zerosLike(weight)), tf.variable(tf.zerosLike(weight))] as const);
  const seen: string[] = [];
  for (let step = 1; step <= 6; step++) {
    const [image, labels] = [noise([2, 8, 8, 3], step + 100), tf.tidy(() => tf.softmax(noise([2, 8, 8, 2], step)))];
    const [value, ...gradients] = pass([image, labels]);
    seen.push(bits(value!));
    made.forEach((weight, index) => {
      const [a, b] = memory[index]!;
      if (momentum === 'adam') fusedAdam(weight, gradients[index]!, { first: a, second: b }, { rate: 0.01, step });
      else fusedSgd(weight, gradients[index]!, momentum === 0 ? undefined : a, { rate: 0.1, momentum });
    });
    tf.dispose([image, labels, value!, ...gradients]);
  }
  seen.push(...made.map(bits));
  tf.dispose([made, ...memory.flat()]);
  return seen;
}

describe('a replayed pass', () => {
  it('trains any network to the bits of the ordinary one, on every back end', async () => {
    await fc.assert(
      fc.asyncProperty(networks, async (network) => {
        for (const { name } of backends) {
          await tf.setBackend(name);
          let repeated: Replayed | undefined;
          const wrap = (pass: Pass) => {
            repeated = replayed(pass);
            return repeated as unknown as Pass;
          };
          expect(train(network, wrap), name).toEqual(train(network, (pass) => pass));
          expect(repeated!.refused).toBeUndefined();
          repeated!.dispose();
        }
      }),
      propertyRuns(4),
    );
  });

  it('leaves alone what an earlier call gave and somebody still holds', async () => {
    for (const { name } of some) {
      await tf.setBackend(name);
      const repeated = replayed(([x]) => [tf.relu(x!), tf.square(x!)]);
      const inputs = [1, 2, 3, 4, 5].map((seed) => noise([100], seed));
      const given = inputs.map((x) => repeated([x]));
      given.forEach(([relu, square], index) => {
        expect(bits(relu!)).toBe(bits(tf.relu(inputs[index]!)));
        expect(bits(square!)).toBe(bits(tf.square(inputs[index]!)));
      });
      tf.dispose([inputs, given]);
      repeated.dispose();
    }
  });

  it('sees a variable that was assigned, and one that was changed in place', async () => {
    for (const { name } of some) {
      await tf.setBackend(name);
      const w = tf.variable(noise([64], 1));
      const pass: Pass = ([x]) => [tf.mul(x!, w)];
      const repeated = replayed(pass);
      for (let step = 0; step < 9; step++) {
        const x = noise([64], step);
        const outputs = [...repeated([x]), ...pass([x])];
        expect(bits(outputs[0]!)).toBe(bits(outputs[1]!));
        if (step === 3) tf.tidy(() => w.assign(noise([64], 50)));
        else fusedSgd(w, x, undefined, { rate: 0.5 });
        tf.dispose([x, ...outputs]);
      }
      expect(repeated.refused).toBeUndefined();
      repeated.dispose();
      w.dispose();
    }
  });

  it('keeps inputs of different shapes apart, and gives up where there are many', async () => {
    for (const { name } of some) {
      await tf.setBackend(name);
      const pass: Pass = ([x]) => [tf.sum(tf.square(x!))];
      const repeated = replayed(pass);
      for (const size of [3, 5, 3, 5, 3, 5]) {
        const [actual, expected] = [repeated, pass].map((each) => resultsOf(each, [size], [size]));
        expect(actual).toEqual(expected);
      }
      expect(repeated.refused).toBeUndefined();
      for (const size of [6, 7, 8, 9]) expect(resultsOf(repeated, [1], [size])).toEqual(resultsOf(pass, [1], [size]));
      expect(repeated.refused).toMatch(/more than 4 shapes/);
    }
  });

  it('is computed anew where random numbers, read values or operations outside of C decide', async () => {
    await expectRefused(([x]) => {
      return [tf.tidy(() => tf.add(x!, tf.scalar(x!.dataSync()[0]!)))];
    }, /reads values/);
    await expectRefused(([x]) => [tf.tidy(() => tf.cumsum(x!, 1))], /Cumsum is computed in JavaScript/);
    await expectRefused(([x]) => [x!.clone()], /not computed by a kernel|an output is an input/);
    let draw = 0;
    const pass: Pass = ([x]) => [tf.tidy(() => tf.mul(x!, tf.scalar(draw++)))];
    for (const { name } of some) {
      await tf.setBackend(name);
      const repeated = replayed(pass);
      draw = 5;
      const actual = resultsOf(repeated, [1, 1, 1, 1]);
      draw = 5;
      expect(actual).toEqual(resultsOf(pass, [1, 1, 1, 1]));
      expect(repeated.refused).toMatch(/other values/);
    }
  });

  it('is computed anew where it assigns, makes or updates variables', async () => {
    for (const { name } of some) {
      await tf.setBackend(name);
      const moving = tf.variable(noise([2, 8, 8, 3], 9));
      const cases: [Pass, RegExp][] = [
        [
          ([x]) => [tf.tidy(() => tf.add((moving.assign(tf.add(moving, x!)) as unknown as tf.Tensor) ?? moving, x!))],
          /assigns the variable/,
        ],
        [([x]) => [tf.tidy(() => tf.add(tf.variable(x!), x!))], /makes the variable/],
        [
          ([x]) => {
            fusedSgd(moving, x!, undefined, { rate: 0.1 });
            return [tf.add(moving, x!)];
          },
          /changes weights/,
        ],
      ];
      for (const [pass, reason] of cases) {
        const repeated = replayed(pass);
        resultsOf(repeated, [1, 2]);
        expect(repeated.refused).toMatch(reason);
      }
      moving.dispose();
    }
  });

  it('holds as much memory after 2,000 calls as after three, gives it back when it ends, and keeps no pass that needs too much', async () => {
    for (const { name } of some) {
      await tf.setBackend(name);
      const { used: before } = heap();
      const tensors = tf.memory().numTensors;
      const repeated = replayed(([x]) => [tf.tidy(() => tf.sum(tf.square(tf.relu(x!))))]);
      resultsOf(repeated, [1, 2, 3]);
      const { used, reserved } = heap();
      expect(used).toBeGreaterThan(before);
      for (let call = 0; call < 2000; call++) resultsOf(repeated, [call], [2, 8, 8, 3]);
      expect({ used: heap().used, reserved: heap().reserved }).toEqual({ used, reserved });
      repeated.dispose();
      expect(heap().used).toBe(before);
      expect(tf.memory().numTensors).toBe(tensors);
      const large = replayed(([x]) => [tf.square(x!)], { mostBytes: 1000 });
      resultsOf(large, [1, 2]);
      expect(large.refused).toMatch(/it needs 1 MiB/);
      expect(heap().used).toBe(before);
    }
  });

  it('may end while what it gave is still held', async () => {
    for (const { name } of some) {
      await tf.setBackend(name);
      const repeated = replayed(([x]) => [tf.square(x!)]);
      resultsOf(repeated, [1, 2, 3], [100]);
      const x = noise([100], 4);
      const [held] = repeated([x]);
      repeated.dispose();
      const others = [5, 6, 7].map((seed) => tf.tidy(() => tf.relu(noise([100], seed))));
      expect(bits(held!)).toBe(bits(tf.square(x)));
      tf.dispose([x, held!, others]);
    }
  });

  it('takes no memory that threads work in for its own: that would be written between its kernels', async () => {
    for (const { name } of backends) {
      await tf.setBackend(name);
      const { device } = tf.backend() as AutopilotBackend;
      const run = (floats: number) => device.run('fail', [99, 1], 2, floats);
      expect(heap().withArena((arena) => [run(1e6), run(2e6), arena.bytes].at(-1))).toBe(0);
    }
  });

  it('loses no memory when the pass throws, and can be recorded later', async () => {
    for (const { name } of some) {
      await tf.setBackend(name);
      const { used } = heap();
      let broken = true;
      const repeated = replayed(([x]) =>
        tf.tidy(() => {
          const y = tf.square(x!);
          if (broken) throw new Error('broken off');
          return [y];
        }),
      );
      const x = noise([2, 8, 8, 3], 1);
      expect(() => tf.tidy(() => repeated([x]))).toThrow('broken off');
      x.dispose();
      expect(heap().used).toBe(used);
      broken = false;
      resultsOf(repeated, [1, 2, 3]);
      expect(repeated.refused).toBeUndefined();
      repeated.dispose();
    }
  });

  it('is the ordinary pass on another back end, and after a change of back ends', async () => {
    const pass: Pass = ([x]) => [tf.square(x!)];
    const repeated = replayed(pass);
    for (const name of ['cpu', some[0]!.name, some[1]!.name, 'cpu', some[0]!.name]) {
      await tf.setBackend(name);
      expect(resultsOf(repeated, [1, 2, 3])).toEqual(resultsOf(pass, [1, 2, 3]));
    }
  });
});
