import type { Precision } from './autopilot-backend.ts';
import type { Device } from './device/device.ts';
import type { KernelName } from './device/kernel-names.ts';
import { filterItems } from './kernels/kernel.ts';

/** Small whole numbers, so that every sum is exact in any order and on any instruction set. */
const pattern = (size: number, step: number) => Float32Array.from({ length: size }, (_, i) => ((i * step) % 7) - 3);

const size = 6;

/**
 * Convolves 6x6x3 with 3x3 filters to five channels (in bf16, which needs even numbers, four to six channels), forward
 * and both gradients, and compares the results with plain loops: one millisecond to check that this device's kernels
 * can be trusted. Returns what is wrong, or undefined.
 */
export function selfTest(device: Device, precision: Precision = 'float32'): string | undefined {
  const [inputs, outputs] = precision === 'bf16' ? ([4, 6] as const) : ([3, 5] as const);
  const x = pattern(size * size * inputs, 5);
  const w = pattern(9 * inputs * outputs, 3);
  const dy = pattern(size * size * outputs, 4);
  const { y, dx, dw } = expected({ x, w, dy }, inputs, outputs);
  const panels = (channels: number) => Math.ceil(channels / device.lanes);
  const blocks = [x, w, dy].map((values) => {
    const block = device.heap.allocate(values.length);
    block.view.set(values);
    return block;
  });
  const [bx, bw, bdy] = blocks as [(typeof blocks)[0], (typeof blocks)[0], (typeof blocks)[0]];
  const allocate = (floats: number) => {
    const block = device.heap.allocate(floats);
    blocks.push(block);
    return block;
  };
  const run = (name: KernelName, args: number[], items: number) => device.run(name, args, items, 4096);
  const inPrecision = (name: 'pack_filter' | 'convolve' | 'filter_gradient') =>
    precision === 'bf16' ? (`${name}_bf16` as const) : name;
  const convolve = (from: number, depth: number, turned: number, channels: number) => {
    const packed = allocate(panels(channels) * device.lanes * 9 * depth);
    const taps = turned ? [2, -1, 3, 2, -1, 3] : [0, 1, 3, 0, 1, 3];
    run(
      inPrecision('pack_filter'),
      [bw.address, 3, inputs, outputs, ...taps, turned, packed.address],
      filterItems(channels),
    );
    const out = allocate(size * size * channels);
    const shape = [from, size, size, depth, packed.address, 0, 0, out.address, size, size, channels, 3, 3];
    run(inPrecision('convolve'), [...shape, 1, 1, 1, 1, 1, 1, size, size, 0, 0, 1, 1, 2, panels(channels)], 3);
    return out.view;
  };
  try {
    if (!equal(convolve(bx.address, inputs, 0, outputs), y)) return 'a convolution gives wrong numbers';
    if (!equal(convolve(bdy.address, outputs, 1, inputs), dx)) return 'the input gradient of a convolution is wrong';
    const padded = panels(outputs) * device.lanes;
    const parts = allocate(2 * 9 * inputs * padded);
    const filter = allocate(9 * inputs * outputs);
    const shape = [bx.address, size, size, inputs, bdy.address, 1, size, size, outputs, 3, 3, 1, 1, 1, 1, 1, 1];
    run(inPrecision('filter_gradient'), [...shape, parts.address, 3, 2, panels(outputs)], 2);
    run('add_parts', [parts.address, 2, 9 * inputs, outputs, padded, filter.address, 9 * inputs], 1);
    if (!equal(filter.view, dw)) return 'the filter gradient of a convolution is wrong';
    return undefined;
  } finally {
    for (const block of blocks) device.heap.release(block);
  }
}

/** The three results, computed by definition. */
function expected({ x, w, dy }: Record<'x' | 'w' | 'dy', Float32Array>, inputs: number, outputs: number) {
  const y = new Float32Array(size * size * outputs);
  const dx = new Float32Array(x.length);
  const dw = new Float32Array(w.length);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++)
      for (let tap = 0; tap < 9; tap++) {
        const [row, column] = [i + Math.floor(tap / 3) - 1, j + (tap % 3) - 1];
        if (row < 0 || row >= size || column < 0 || column >= size) continue;
        for (let c = 0; c < inputs; c++)
          for (let o = 0; o < outputs; o++) {
            const [at, to] = [(row * size + column) * inputs + c, (i * size + j) * outputs + o];
            const k = (tap * inputs + c) * outputs + o;
            y[to]! += x[at]! * w[k]!;
            dx[at]! += dy[to]! * w[k]!;
            dw[k]! += dy[to]! * x[at]!;
          }
      }
  return { y, dx, dw };
}

function equal(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
