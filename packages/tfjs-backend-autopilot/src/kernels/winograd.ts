import type { AutopilotBackend } from '../autopilot-backend.ts';
import { pieces } from './kernel.ts';

/** A 3x3 convolution with stride 1 and one pixel of padding around images of `height` x `width`. */
export interface WinogradShape {
  images: number;
  height: number;
  width: number;
  inputs: number;
  outputs: number;
}

/** Tiles of 4x4 pixels worked through at a time. */
const blockTiles = 32;

/**
 * Whether Winograd is the faster choice: whole vectors of channels, enough tiles that transforming the filter pays, and a
 * transformed filter that stays in the caches (measured on AVX-512, AVX2 and WebAssembly).
 */
export function usesWinograd(backend: AutopilotBackend, shape: WinogradShape): boolean {
  const { lanes } = backend.device;
  const tiles = shape.images * pieces(shape.height, 4) * pieces(shape.width, 4);
  return (
    !backend.exact &&
    shape.inputs % lanes === 0 &&
    shape.outputs % lanes === 0 &&
    shape.inputs >= 8 &&
    tiles >= 16 &&
    shape.inputs * shape.outputs <= 128 * 128
  );
}

/** y = act(x * w + bias); `turned` takes the filter of the forward convolution for its gradient with respect to x. */
export function winogradConvolve(
  backend: AutopilotBackend,
  shape: WinogradShape,
  at: { x: number; filter: number; turned: boolean; bias: number; relu: boolean; y: number },
): void {
  const { device } = backend;
  const { images, height, width, inputs, outputs } = shape;
  const tileColumns = pieces(width, 4);
  const tileRows = images * pieces(height, 4);
  const rows = Math.max(1, Math.min(Math.ceil(blockTiles / tileColumns), Math.ceil(tileRows / device.threads)));
  backend.withMemory(36 * inputs * outputs, (transformed) => {
    device.run(
      'winograd_filter',
      [at.filter, inputs, outputs, at.turned ? 1 : 0, transformed],
      outputs / device.lanes,
      inputs * 9 * device.lanes,
    );
    device.run(
      'winograd_convolve',
      [at.x, images, height, width, inputs, transformed, at.bias, at.relu ? 1 : 0, at.y, outputs, rows],
      pieces(tileRows, rows),
      6 * (4 * tileColumns + 2) * inputs + 36 * rows * tileColumns * (inputs + outputs),
    );
  });
}

/** dw[3,3,Ci,Co]. The parts are fixed by the shape, so the bits do not depend on the number of threads. */
export function winogradFilterGradient(
  backend: AutopilotBackend,
  shape: WinogradShape,
  at: { x: number; dy: number; dw: number },
): void {
  const { device } = backend;
  const { images, height, width, inputs, outputs } = shape;
  const tileColumns = pieces(width, 4);
  const tileRows = images * pieces(height, 4);
  const rows = Math.max(1, Math.min(Math.ceil(blockTiles / tileColumns), tileRows));
  const most = Math.min(8, Math.floor((1 << 21) / (9 * inputs * outputs)));
  const parts = Math.max(1, Math.min(most, Math.floor((tileRows * tileColumns) / (2 * blockTiles))));
  const part = Math.ceil(tileRows / parts);
  const count = pieces(tileRows, part);
  const scratch =
    6 * (4 * tileColumns + 2) * inputs + 36 * rows * tileColumns * (inputs + outputs) + 36 * inputs * outputs;
  const run = (out: number) =>
    device.run(
      'winograd_filter_gradient',
      [at.x, images, height, width, inputs, at.dy, outputs, out, part, rows],
      count,
      scratch,
    );
  if (count === 1) {
    run(at.dw);
    return;
  }
  backend.withMemory(count * 9 * inputs * outputs, (partial) => {
    run(partial);
    addParts(backend, { partial, parts: count, rows: 9 * inputs, columns: outputs, padded: outputs, out: at.dw });
  });
}

/** out[r][c] = the sum of the parts in their order, without the padding of the columns. */
export function addParts(
  backend: AutopilotBackend,
  at: { partial: number; parts: number; rows: number; columns: number; padded: number; out: number },
): void {
  const chunk = Math.max(1, Math.ceil(8192 / at.padded));
  const args = [at.partial, at.parts, at.rows, at.columns, at.padded, at.out, chunk];
  backend.device.run('add_parts', args, pieces(at.rows, chunk));
}
