import type {
  ResizeBilinearAttrs,
  ResizeBilinearGradInputs,
  ResizeBilinearInputs,
  ResizeNearestNeighborAttrs,
  ResizeNearestNeighborGradInputs,
  ResizeNearestNeighborInputs,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import type { AutopilotBackend } from '../autopilot-backend.ts';
import { grain, isFloat, kernel, pieces } from './kernel.ts';

interface Options {
  alignCorners: boolean;
  halfPixelCenters?: boolean;
}

type Shape4 = [number, number, number, number];

/** The arguments of c/resize.c for resizing images to [height, width]. */
function resizeArguments(
  shape: number[],
  height: number,
  width: number,
  options: Options,
  bilinear: boolean,
): number[] {
  const [, inHeight, inWidth, channels] = shape as Shape4;
  const scale = (from: number, to: number) => (options.alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to);
  const flags = [options.halfPixelCenters ? 1 : 0, options.alignCorners ? 1 : 0, bilinear ? 1 : 0];
  return [inHeight, inWidth, channels, height, width, scale(inHeight, height), scale(inWidth, width), ...flags];
}

const forward =
  (bilinear: boolean) =>
  (backend: AutopilotBackend, { images }: { images: TensorInfo }, attrs: ResizeBilinearAttrs) => {
    if (!isFloat(images)) return undefined;
    const [height, width] = attrs.size;
    const [batch, , , channels] = images.shape as Shape4;
    const x = backend.address(images);
    const y = backend.output([batch, height, width, channels]);
    const chunk = Math.max(1, Math.ceil(grain / (width * channels)));
    const args = [x, y.address, chunk, batch, ...resizeArguments(images.shape, height, width, attrs, bilinear)];
    backend.device.run('resize', args, pieces(batch * height, chunk));
    return y.info;
  };

const gradient =
  (bilinear: boolean) =>
  (backend: AutopilotBackend, { images, dy }: { images: TensorInfo; dy: TensorInfo }, attrs: ResizeBilinearAttrs) => {
    if (!isFloat(dy)) return undefined;
    const [, height, width] = dy.shape as Shape4;
    const [batch, , , channels] = images.shape as Shape4;
    const g = backend.address(dy);
    const dx = backend.output(images.shape);
    const { threads } = backend.device;
    const group = batch >= threads ? channels : Math.max(16, Math.ceil(channels / threads / 16) * 16);
    const args = [g, dx.address, group, 0, ...resizeArguments(images.shape, height, width, attrs, bilinear)];
    backend.device.run('resize_gradient', args, batch * pieces(channels, group));
    return dx.info;
  };

export const resizeKernels = [
  kernel<ResizeBilinearInputs, ResizeBilinearAttrs>('ResizeBilinear', forward(true)),
  kernel<ResizeNearestNeighborInputs, ResizeNearestNeighborAttrs>('ResizeNearestNeighbor', forward(false)),
  kernel<ResizeBilinearGradInputs, ResizeBilinearAttrs>('ResizeBilinearGrad', gradient(true)),
  kernel<ResizeNearestNeighborGradInputs, ResizeNearestNeighborAttrs>('ResizeNearestNeighborGrad', gradient(false)),
];
