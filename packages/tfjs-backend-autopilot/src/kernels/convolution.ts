import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropFilterInputs,
  type Conv2DBackpropInputAttrs,
  type Conv2DBackpropInputInputs,
  type Conv2DInputs,
  type FusedConv2DAttrs,
  type FusedConv2DInputs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { AutopilotBackend } from '../autopilot-backend.ts';
import { bandRows, convolve, usesBf16 } from './convolution-plan.ts';
import { isFloat, kernel, pieces } from './kernel.ts';
import {
  addParts,
  usesWinograd,
  type WinogradShape,
  type WinogradUse,
  winogradConvolve,
  winogradFilterGradient,
} from './winograd.ts';

type Info = ReturnType<typeof backend_util.computeConv2DInfo>;
export type Conv2dOptions = Parameters<typeof conv2dInfo>[2];
type FilterShape = [number, number, number, number];

/** The sizes and padding of a convolution. */
export function conv2dInfo(
  inputShape: number[],
  filterShape: number[],
  attrs: Pick<Conv2DAttrs, 'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'> & {
    dilations?: Conv2DAttrs['dilations'];
  },
): Info {
  const format = backend_util.convertConv2DDataFormat(attrs.dataFormat ?? 'NHWC');
  return backend_util.computeConv2DInfo(
    inputShape as FilterShape,
    filterShape as FilterShape,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    false,
    format,
  );
}

/** The Winograd shape of a convolution, or undefined if Winograd is not used. */
function winogradShape(backend: AutopilotBackend, c: Info, use: WinogradUse): WinogradShape | undefined {
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = c;
  const plain = [strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo.top, padInfo.left];
  if (filterHeight !== 3 || filterWidth !== 3 || plain.some((value) => value !== 1)) return undefined;
  if (c.outHeight !== c.inHeight || c.outWidth !== c.inWidth) return undefined;
  const { batchSize: images, inHeight: height, inWidth: width, inChannels: inputs, outChannels: outputs } = c;
  const shape = { images, height, width, inputs, outputs };
  return usesWinograd(backend, shape, use) ? shape : undefined;
}

/** y = act(x * filter + bias) for a convolution that `supports` accepts. */
export function forward(
  backend: AutopilotBackend,
  { x, filter, bias }: { x: TensorInfo; filter: TensorInfo; bias?: TensorInfo | undefined },
  c: Info,
  relu: boolean,
): TensorInfo {
  const at = { x: backend.address(x), filter: backend.address(filter), bias: bias ? backend.address(bias) : 0 };
  const y = backend.output(c.outShape);
  const shape = winogradShape(backend, c, 'product');
  if (shape) {
    winogradConvolve(backend, shape, { ...at, turned: false, relu, y: y.address });
    return y.info;
  }
  const { filterHeight, filterWidth, inChannels, outChannels } = c;
  convolve(backend, {
    bf16: usesBf16(backend, inChannels, outChannels),
    x: at.x,
    images: c.batchSize,
    height: c.inHeight,
    width: c.inWidth,
    inputs: inChannels,
    filter: { address: at.filter, columns: filterWidth, inputs: inChannels, outputs: outChannels, turned: false },
    rowTaps: { first: 0, step: 1, count: filterHeight },
    columnTaps: { first: 0, step: 1, count: filterWidth },
    bias: at.bias,
    relu,
    y: y.address,
    rows: c.outHeight,
    columns: c.outWidth,
    outputs: outChannels,
    stride: [c.strideHeight, c.strideWidth],
    dilation: [c.dilationHeight, c.dilationWidth],
    pad: [c.padInfo.top, c.padInfo.left],
    target: { height: c.outHeight, width: c.outWidth, first: [0, 0], step: [1, 1] },
  });
  return y.info;
}

/** The gradient with respect to x: one stride-1 convolution of dy for each phase of the stride. */
export function inputGradient(backend: AutopilotBackend, dy: TensorInfo, filter: TensorInfo, c: Info): TensorInfo {
  const at = { x: backend.address(dy), filter: backend.address(filter) };
  const dx = backend.output(c.inShape);
  const shape = winogradShape(backend, c, 'product');
  if (shape) {
    const turned = { ...shape, inputs: shape.outputs, outputs: shape.inputs };
    winogradConvolve(backend, turned, { ...at, turned: true, bias: 0, relu: false, y: dx.address });
    return dx.info;
  }
  const { inChannels, outChannels, filterHeight, filterWidth, strideHeight, strideWidth } = c;
  for (let i = 0; i < Math.min(strideHeight, c.inHeight); i++)
    for (let j = 0; j < Math.min(strideWidth, c.inWidth); j++) {
      const vertical = phase(i, strideHeight, c.dilationHeight, filterHeight, c.padInfo.top);
      const horizontal = phase(j, strideWidth, c.dilationWidth, filterWidth, c.padInfo.left);
      convolve(backend, {
        bf16: usesBf16(backend, outChannels, inChannels),
        x: at.x,
        images: c.batchSize,
        height: c.outHeight,
        width: c.outWidth,
        inputs: outChannels,
        filter: { address: at.filter, columns: filterWidth, inputs: inChannels, outputs: outChannels, turned: true },
        rowTaps: vertical.taps,
        columnTaps: horizontal.taps,
        bias: 0,
        relu: false,
        y: dx.address,
        rows: pieces(c.inHeight - i, strideHeight),
        columns: pieces(c.inWidth - j, strideWidth),
        outputs: inChannels,
        stride: [1, 1],
        dilation: [vertical.dilation, horizontal.dilation],
        pad: [vertical.pad, horizontal.pad],
        target: { height: c.inHeight, width: c.inWidth, first: [i, j], step: [strideHeight, strideWidth] },
      });
    }
  return dx.info;
}

/**
 * The taps of one phase of dx: pixel `first + stride*q` reads dy at `q + (first + pad - tap*dilation) / stride`, for
 * the taps that make this whole. They are every `stride/gcd`-th tap, in descending order so that the offsets ascend.
 */
function phase(first: number, stride: number, dilation: number, taps: number, pad: number) {
  const fits = Array.from({ length: taps }, (_, tap) => tap).filter(
    (tap) => (first + pad - tap * dilation) % stride === 0,
  );
  const last = fits.at(-1) ?? 0;
  const step = fits.length > 1 ? fits[1]! - fits[0]! : 1;
  return {
    taps: { first: last, step: -step, count: fits.length },
    dilation: fits.length > 1 ? (step * dilation) / stride : 1,
    pad: fits.length > 0 ? -(first + pad - last * dilation) / stride : 0,
  };
}

/** The gradient with respect to the filter. The shape determines the parts, so the bits do not depend on threads. */
export function filterGradient(backend: AutopilotBackend, x: TensorInfo, dy: TensorInfo, c: Info): TensorInfo {
  const at = { x: backend.address(x), dy: backend.address(dy) };
  const dw = backend.output(c.filterShape);
  const shape = winogradShape(backend, c, 'filterGradient');
  if (shape) {
    winogradFilterGradient(backend, shape, { ...at, dw: dw.address });
    return dw.info;
  }
  const { device } = backend;
  const { lanes } = device;
  const panels = pieces(c.outChannels, lanes);
  const padded = panels * lanes;
  const rowsOfFilter = c.filterHeight * c.filterWidth * c.inChannels;
  const size = rowsOfFilter * padded;
  const total = c.batchSize * c.outHeight;
  const parts = Math.max(1, Math.min(8, Math.floor((1 << 20) / size), Math.floor((total * c.outWidth) / 256), total));
  const part = Math.ceil(total / parts);
  const count = pieces(total, part);
  const windowColumns = (c.outWidth - 1) * c.strideWidth + (c.filterWidth - 1) * c.dilationWidth + 1;
  const pixels = c.filterHeight === 1 && c.filterWidth === 1 ? 512 : 256;
  const line = windowColumns * c.inChannels * c.strideHeight;
  const band = Math.min(c.outHeight, part, Math.ceil(pixels / c.outWidth), bandRows(c.outHeight, line, size));
  const groups = count > 1 || device.threads === 1 ? 1 : Math.min(2 * device.threads, Math.floor(panels / 4));
  const group = groups > 1 ? Math.ceil(panels / groups / 2) * 2 : panels;
  const window =
    ((band - 1) * c.strideHeight + (c.filterHeight - 1) * c.dilationHeight + 1) * windowColumns * c.inChannels;
  const bf16 = usesBf16(backend, c.inChannels, c.outChannels);
  const pairs = band * pieces(c.outWidth, 2);
  const scratch = bf16
    ? (windowColumns + c.strideWidth) * c.inChannels + window + pairs * (group * lanes + 16) + 16
    : window + band * c.outWidth * (group * lanes + 16);
  const run = (out: number) =>
    device.run(
      bf16 ? 'filter_gradient_bf16' : 'filter_gradient',
      [at.x, c.inHeight, c.inWidth, c.inChannels, at.dy, c.batchSize, c.outHeight, c.outWidth, c.outChannels]
        .concat([c.filterHeight, c.filterWidth, c.strideHeight, c.strideWidth, c.dilationHeight, c.dilationWidth])
        .concat([c.padInfo.top, c.padInfo.left, out, part, band, group]),
      count * pieces(panels, group),
      scratch,
    );
  if (count === 1 && padded === c.outChannels) run(dw.address);
  else
    backend.withMemory(count * size, (partial) => {
      run(partial);
      addParts(backend, { partial, parts: count, rows: rowsOfFilter, columns: c.outChannels, padded, out: dw.address });
    });
  return dw.info;
}

function supports(c: Info, ...tensors: TensorInfo[]): boolean {
  return c.dataFormat === 'channelsLast' && isFloat(...tensors);
}

export const convolutionKernels = [
  kernel<Conv2DInputs, Conv2DAttrs>('Conv2D', (backend, { x, filter }, attrs) => {
    const c = conv2dInfo(x.shape, filter.shape, attrs);
    return supports(c, x, filter) ? forward(backend, { x, filter }, c, false) : undefined;
  }),
  kernel<FusedConv2DInputs, FusedConv2DAttrs>('FusedConv2D', (backend, inputs, attrs) => {
    const { x, filter, bias, preluActivationWeights } = inputs;
    const c = conv2dInfo(x.shape, filter.shape, attrs);
    const simple = attrs.activation === 'linear' || attrs.activation === 'relu';
    if (!supports(c, x, filter) || preluActivationWeights || !simple) return undefined;
    if (bias && (bias.dtype !== 'float32' || bias.shape.at(-1) !== c.outChannels)) return undefined;
    return forward(backend, { x, filter, bias }, c, attrs.activation === 'relu');
  }),
  kernel<Conv2DBackpropInputInputs, Conv2DBackpropInputAttrs>(
    'Conv2DBackpropInput',
    (backend, { dy, filter }, attrs) => {
      const c = conv2dInfo(attrs.inputShape, filter.shape, attrs);
      return supports(c, dy, filter) ? inputGradient(backend, dy, filter, c) : undefined;
    },
  ),
  kernel<Conv2DBackpropFilterInputs, Conv2DBackpropFilterAttrs>('Conv2DBackpropFilter', (backend, { x, dy }, attrs) => {
    const c = conv2dInfo(x.shape, attrs.filterShape, attrs);
    return supports(c, x, dy) ? filterGradient(backend, x, dy, c) : undefined;
  }),
];
