import type { AutopilotBackend } from '../autopilot-backend.ts';
import { filterItems, pieces } from './kernel.ts';

/** Every `step`-th tap from `first` on, `count` of them. */
export interface TapRange {
  first: number;
  step: number;
  count: number;
}

/** A call of the C kernel `convolve`: y[Y0 + i*SY, X0 + j*SX] from taps at (i*sy - top + a*dy, j*sx - left + b*dx). */
export interface ConvolutionPlan {
  /** Multiply in bf16; `inputs` is then even. */
  bf16: boolean;
  x: number;
  images: number;
  height: number;
  width: number;
  inputs: number;
  filter: { address: number; columns: number; inputs: number; outputs: number; turned: boolean };
  rowTaps: TapRange;
  columnTaps: TapRange;
  bias: number;
  relu: boolean;
  y: number;
  rows: number;
  columns: number;
  outputs: number;
  stride: readonly [number, number];
  dilation: readonly [number, number];
  pad: readonly [number, number];
  /** Height and width of y, and the first pixel and step within it. */
  target: { height: number; width: number; first: readonly [number, number]; step: readonly [number, number] };
}

/**
 * Whether a convolution multiplies in bf16: only if the back end is set to, and with enough channels on both sides; the
 * first layer and a head with few classes stay in float.
 */
export function usesBf16(backend: AutopilotBackend, inputs: number, outputs: number): boolean {
  return backend.precision === 'bf16' && inputs % 2 === 0 && inputs >= 8 && outputs >= 8;
}

/** Floats of a band's window: a quarter of a level-2 cache, or more if it is the filters that do not fit. */
const bandFloats = 65_536;

/** Rows per band, so that its window stays within its budget. */
export function bandRows(rows: number, lineFloats: number, filterFloats: number): number {
  const budget = filterFloats > 1 << 18 ? 8 * bandFloats : bandFloats;
  return Math.max(1, Math.min(rows, Math.floor(budget / Math.max(1, lineFloats))));
}

/** Packs the filter and convolves. */
export function convolve(backend: AutopilotBackend, plan: ConvolutionPlan): void {
  const { device } = backend;
  const { filter, rowTaps, columnTaps, stride, dilation, target } = plan;
  if (plan.rows <= 0 || plan.columns <= 0) return;
  const depth = rowTaps.count * columnTaps.count * plan.inputs;
  const panels = pieces(plan.outputs, device.lanes);
  const windowColumns = (plan.columns - 1) * stride[1] + Math.max(0, columnTaps.count - 1) * dilation[1] + 1;
  const lineFloats = windowColumns * plan.inputs;
  let band = bandRows(plan.rows, lineFloats * stride[0], depth * plan.outputs);
  const wanted = device.threads === 1 ? 1 : device.threads * 2;
  if (plan.images * pieces(plan.rows, band) < wanted && depth * plan.outputs < 1 << 18)
    band = Math.max(1, Math.min(band, Math.ceil((plan.rows * plan.images) / wanted)));
  const bands = plan.images * pieces(plan.rows, band);
  const groups = Math.max(1, Math.min(Math.floor(panels / 2), Math.ceil(wanted / bands)));
  const group = groups === 1 ? panels : Math.ceil(panels / groups / 2) * 2;
  const scratch = ((band - 1) * stride[0] + Math.max(0, rowTaps.count - 1) * dilation[0] + 1) * lineFloats;
  const words = rowTaps.count * columnTaps.count * (plan.bf16 ? plan.inputs / 2 : plan.inputs);
  backend.withMemory(Math.max(16, panels * device.lanes * words), (packed) => {
    const taps = [rowTaps.first, rowTaps.step, rowTaps.count, columnTaps.first, columnTaps.step, columnTaps.count];
    const shape = [filter.address, filter.columns, filter.inputs, filter.outputs];
    device.run(
      plan.bf16 ? 'pack_filter_bf16' : 'pack_filter',
      [...shape, ...taps, filter.turned ? 1 : 0, packed],
      filterItems(plan.outputs),
    );
    device.run(
      plan.bf16 ? 'convolve_bf16' : 'convolve',
      [
        plan.x,
        plan.height,
        plan.width,
        plan.inputs,
        packed,
        plan.bias,
        plan.relu ? 1 : 0,
        plan.y,
        plan.rows,
        plan.columns,
      ]
        .concat([plan.outputs, rowTaps.count, columnTaps.count, ...stride, ...dilation, ...plan.pad])
        .concat([target.height, target.width, ...target.first, ...target.step, band, group]),
      bands * pieces(panels, group),
      scratch,
    );
  });
}
