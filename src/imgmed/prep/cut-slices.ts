import type { Slice } from '../augment.ts';
import { orientationOf, stackingAxis } from '../orientation.ts';
import type { ResizeOptions } from '../resample.ts';
import { resizeGrid } from '../resample.ts';
import type { Volume } from '../volume.ts';
import type { PrepSettings } from './prep-settings.ts';

/** Where slices lie in their volume, to paste a prediction back. */
export interface SliceGrid {
  /** Index axis along which slices are stacked. */
  axis: 0 | 1 | 2;
  /** Index along that axis, one per slice. */
  positions: number[];
  /** Pixels of the resized slice inside the padded one. */
  inner: { width: number; height: number; left: number; top: number };
  /** Axes of a slice's columns and rows. */
  columns: number;
  rows: number;
  /** Millimetres between rows, and columns, of the result. */
  spacingMm: [number, number];
}

type SliceSettings = Pick<PrepSettings, 'slices' | 'size'>;

/** Which slices are cut, and how they are brought to their size. */
export function sliceGrid(volume: Volume, { slices, size }: SliceSettings): SliceGrid {
  const axis = stackingAxis(orientationOf(volume), slices.plane);
  const [columns, rows] = [0, 1, 2].filter((other) => other !== axis) as [number, number];
  const extent = [columns, rows].map((other) => volume.size[other]! * volume.spacingMm[other]!) as [number, number];
  const fitted = size.fit === 'contain' ? Math.min(size.width / extent[0], size.height / extent[1]) : null;
  const width = fitted === null ? size.width : Math.max(1, Math.round(extent[0] * fitted));
  const height = fitted === null ? size.height : Math.max(1, Math.round(extent[1] * fitted));
  return {
    axis,
    columns,
    rows,
    positions: slicePositions(volume.size[axis], volume.spacingMm[axis], slices),
    inner: { width, height, left: (size.width - width) >> 1, top: (size.height - height) >> 1 },
    spacingMm: [extent[1] / height, extent[0] / width],
  };
}

/** Evenly spaced centres; never a slice twice. */
export function slicePositions(
  length: number,
  spacingMm: number,
  { count, everyMm }: PrepSettings['slices'],
): number[] {
  const wanted =
    everyMm !== undefined ? Math.max(1, Math.round((length * spacingMm) / everyMm)) : count === 'all' ? length : count;
  const taken = Math.min(length, wanted);
  return Array.from({ length: taken }, (_, index) => Math.floor(((index + 0.5) * length) / taken));
}

/** The chosen slices of one channel, side by side: columns fastest, then rows, then slices. */
export function gatherSlices(data: Float32Array, { size }: Volume, grid: SliceGrid): Float32Array {
  const strides = [1, size[0], size[0] * size[1]];
  const [width, height] = [size[grid.columns]!, size[grid.rows]!];
  const result = new Float32Array(grid.positions.length * width * height);
  let target = 0;
  for (const position of grid.positions) {
    for (let row = 0; row < height; row++) {
      let source = position * strides[grid.axis]! + row * strides[grid.rows]!;
      for (let column = 0; column < width; column++) {
        result[target++] = data[source]!;
        source += strides[grid.columns]!;
      }
    }
  }
  return result;
}

/** Gathered slices resized to the grid's inner size, all at once. */
export function resizeSlices(
  gathered: Float32Array,
  volume: Volume,
  grid: SliceGrid,
  options: ResizeOptions,
): Float32Array {
  const count = grid.positions.length;
  const from = [volume.size[grid.columns]!, volume.size[grid.rows]!, count];
  return resizeGrid(gathered, from, [grid.inner.width, grid.inner.height, count], options);
}

/** Class numbers resized: nearest, or each class interpolated linearly and the strongest taken. */
export function resizeClasses(
  gathered: Float32Array,
  volume: Volume,
  grid: SliceGrid,
  order: 0 | 1,
  classes: number,
): Float32Array {
  if (order === 0) return resizeSlices(gathered, volume, grid, { order: 0 });
  let best: Float32Array | null = null;
  let winner = new Float32Array(0);
  for (let number = 0; number < classes; number++) {
    const share = resizeSlices(
      gathered.map((value) => (value === number ? 1 : 0)),
      volume,
      grid,
      { order: 1, antialias: true },
    );
    if (best === null) {
      best = share;
      winner = new Float32Array(share.length);
      continue;
    }
    for (let index = 0; index < share.length; index++) {
      if (share[index]! <= best[index]!) continue;
      best[index] = share[index]!;
      winner[index] = number;
    }
  }
  return winner;
}

/** Slice `number` of planar channels and classes as one picture, padded with each channel's own minimum. */
export function assembleSlice(
  channels: readonly Float32Array[],
  padding: readonly number[],
  classes: Float32Array,
  number: number,
  { inner }: SliceGrid,
  { height, width }: PrepSettings['size'],
): Slice {
  const image = new Float32Array(height * width * channels.length);
  const labels = new Uint8Array(height * width);
  const offset = number * inner.width * inner.height;
  for (let pixel = 0; pixel < height * width; pixel++) {
    const row = Math.floor(pixel / width) - inner.top;
    const column = (pixel % width) - inner.left;
    const inside = row >= 0 && column >= 0 && row < inner.height && column < inner.width;
    const source = offset + row * inner.width + column;
    for (let channel = 0; channel < channels.length; channel++) {
      image[pixel * channels.length + channel] = inside ? channels[channel]![source]! : padding[channel]!;
    }
    if (inside) labels[pixel] = classes[source]!;
  }
  return { height, width, channels: channels.length, image, labels };
}
