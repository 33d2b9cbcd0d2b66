import type { AutopilotBackend } from '../autopilot-backend.ts';
import { filterItems, pieces } from './kernel.ts';

/** A 3x3 convolution with stride 1 and one pixel of padding around images of `height` x `width`. */
export interface WinogradShape {
  images: number;
  height: number;
  width: number;
  inputs: number;
  outputs: number;
}

/** Number of 4x4 tiles processed at a time. */
const blockTiles = 32;

/** What is computed: y or dx (`product`), or dw (`filterGradient`). */
export type WinogradUse = 'product' | 'filterGradient';

/**
 * Whether Winograd is the faster choice: channels fill the vectors well, and there are enough tiles for transforming
 * the filter to pay off. With wide vectors the transformed filter must also stay in the caches; with vectors of four
 * floats arithmetic costs so much more than memory that a quarter of the products pays off at any number of channels
 * (measured on AVX-512, AVX2 and WebAssembly).
 */
export function usesWinograd(backend: AutopilotBackend, shape: WinogradShape, use: WinogradUse): boolean {
  const { lanes } = backend.device;
  const tiles = shape.images * pieces(shape.height, 4) * pieces(shape.width, 4);
  const small = shape.inputs * shape.outputs <= 128 * 128;
  const pays = small || (lanes === 4 && (use === 'product' || tiles >= 32));
  return (
    !backend.exact &&
    padded(shape.outputs, lanes) <= 1.5 * shape.outputs &&
    padded(shape.inputs, lanes) <= 1.5 * shape.inputs &&
    shape.inputs >= 8 &&
    tiles >= 16 &&
    pays
  );
}

/** Channels in the transformed domain, padded to whole vectors. */
function padded(channels: number, lanes: number): number {
  return pieces(channels, lanes) * lanes;
}

/** Floats of the 36 planes of a block in the transformed domain (plane_stride in c/winograd.c). */
function planes(floats: number): number {
  return 36 * 16 * (pieces(floats, 16) | 1);
}

/** y = act(x * w + bias); with `turned`, the gradient with respect to x of the convolution that has this filter. */
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
  const [inputsPadded, outputsPadded] = [padded(inputs, device.lanes), padded(outputs, device.lanes)];
  backend.withMemory(planes(inputs * outputsPadded), (transformed) => {
    device.run(
      'winograd_filter',
      [at.filter, inputs, outputs, at.turned ? 1 : 0, transformed],
      filterItems(outputs),
      9 * inputs * 32,
    );
    device.run(
      'winograd_convolve',
      [at.x, images, height, width, inputs, transformed, at.bias, at.relu ? 1 : 0, at.y, outputs, rows],
      pieces(tileRows, rows),
      6 * (4 * tileColumns + 2) * inputsPadded +
        planes(rows * tileColumns * inputsPadded) +
        planes(rows * tileColumns * outputsPadded),
    );
  });
}

/** dw[3,3,Ci,Co]. The shape determines the parts, so the bits do not depend on the number of threads. */
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
  const panels = pieces(outputs, device.lanes);
  const groups = count > 1 ? 1 : Math.max(1, Math.min(device.threads, Math.floor(panels / 8)));
  const group = groups > 1 ? Math.ceil(panels / groups / 2) * 2 : panels;
  const inputsPadded = padded(inputs, device.lanes);
  const tiles = rows * tileColumns;
  const scratch =
    6 * (4 * tileColumns + 2) * inputsPadded +
    planes(tiles * inputsPadded) +
    planes(tiles * group * device.lanes) +
    planes(inputs * group * device.lanes);
  const run = (out: number) =>
    device.run(
      'winograd_filter_gradient',
      [at.x, images, height, width, inputs, at.dy, outputs, out, part, rows, group],
      count * pieces(panels, group),
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

/** out[r][c] = the sum of the parts in order, without the padding of the columns. */
export function addParts(
  backend: AutopilotBackend,
  at: { partial: number; parts: number; rows: number; columns: number; padded: number; out: number },
): void {
  const chunk = Math.max(1, Math.ceil(8192 / at.padded));
  const args = [at.partial, at.parts, at.rows, at.columns, at.padded, at.out, chunk];
  backend.device.run('add_parts', args, pieces(at.rows, chunk));
}
