import type { Slice } from '../augment.ts';
import { emptyLike } from '../volume/crop.ts';
import { orientationOf, stackingAxis } from '../volume/orientation.ts';
import type { ResizeOptions } from '../volume/resample.ts';
import { resizeGrid, resizeNearest, resizeStrongest } from '../volume/resample.ts';
import type { Volume, VoxelArray } from '../volume/volume.ts';
import type { PrepSettings } from './prep-settings.ts';

/** Position of slices in their volume, for pasting a prediction back. */
export interface SliceGrid {
  /** Index axis along which slices are stacked. */
  axis: 0 | 1 | 2;
  /** Index along that axis, one per slice. */
  positions: number[];
  /** Size and position of the resized slice in the padded one, in pixels. */
  inner: { width: number; height: number; left: number; top: number };
  /** Index axes of a slice's columns and rows. */
  columns: number;
  rows: number;
  /** Millimetres between rows, and between columns, of the result. */
  spacingMm: [number, number];
}

type SliceSettings = Pick<PrepSettings, 'slices' | 'size'>;

/** Determines which slices are cut, and the size to which they are resized. */
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

/** Evenly spaced positions, without repeats. */
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

/** Columns copied at a time: few enough that their data stay in the processor's cache for all slices. */
const tile = 16;

/** The chosen slices of one channel in one array: columns fastest, then rows, then slices. */
export function gatherSlices<T extends VoxelArray>(data: T, { size }: Pick<Volume, 'size'>, grid: SliceGrid): T {
  const strides = [1, size[0], size[0] * size[1]];
  const [along, columnStep, rowStep] = [strides[grid.axis]!, strides[grid.columns]!, strides[grid.rows]!];
  const [width, height] = [size[grid.columns]!, size[grid.rows]!];
  const { positions } = grid;
  const result = emptyLike(data, positions.length * width * height) as T;
  for (let row = 0; row < height; row++) {
    for (let first = 0; first < width; first += tile) {
      const last = Math.min(width, first + tile);
      for (let number = 0; number < positions.length; number++) {
        let source = positions[number]! * along + row * rowStep + first * columnStep;
        const target = (number * height + row) * width;
        for (let column = first; column < last; column++) {
          result[target + column] = data[source]!;
          source += columnStep;
        }
      }
    }
  }
  return result;
}

/** Gathered slices resized to the grid's inner size, all at once. */
function resizeSlices(gathered: Float32Array, volume: Volume, grid: SliceGrid, options: ResizeOptions): Float32Array {
  return resizeGrid(gathered, ...extents(volume, grid), options);
}

/** Columns, rows and slices before and after resizing. */
function extents({ size }: Pick<Volume, 'size'>, { columns, rows, positions, inner }: SliceGrid): [number[], number[]] {
  const count = positions.length;
  return [
    [size[columns]!, size[rows]!, count],
    [inner.width, inner.height, count],
  ];
}

/** The resized slices of every channel, and each channel's minimum for padding. */
export interface SlicePlanes {
  channels: Float32Array[];
  padding: number[];
}

/** Cuts and resizes the slices of a prepared scan, whose voxels are floats. */
export function cutPlanes(
  scan: Volume,
  grid: SliceGrid,
  { order, antialias }: Pick<PrepSettings, 'order' | 'antialias'>,
): SlicePlanes {
  const voxels = scan.data.length / scan.channels;
  const planes: SlicePlanes = { channels: [], padding: [] };
  for (let channel = 0; channel < scan.channels; channel++) {
    const data = (scan.data as Float32Array).subarray(channel * voxels, (channel + 1) * voxels);
    let least = Number.POSITIVE_INFINITY;
    for (let index = 0; index < voxels; index++) if (data[index]! < least) least = data[index]!;
    planes.padding.push(least);
    planes.channels.push(resizeSlices(gatherSlices(data, scan, grid), scan, grid, { order: order.image, antialias }));
  }
  return planes;
}

/** Resizes class numbers: nearest, or with each class interpolated linearly and the strongest taken. */
export function resizeClasses(
  gathered: Uint8Array,
  volume: Pick<Volume, 'size'>,
  grid: SliceGrid,
  order: 0 | 1,
  classes: number,
): Uint8Array {
  const [from, to] = extents(volume, grid);
  return order === 0 ? resizeNearest(gathered, from, to) : resizeStrongest(gathered, from, to, classes);
}

/** Slice `number` of planar channels and classes as one picture, padded with each channel's own minimum. */
export function assembleSlice(
  { channels, padding }: SlicePlanes,
  classes: Uint8Array | null,
  number: number,
  { inner }: SliceGrid,
  { height, width }: PrepSettings['size'],
): Slice {
  const count = channels.length;
  const image = new Float32Array(height * width * count);
  const labels = new Uint8Array(height * width);
  const padded = inner.width < width || inner.height < height;
  for (const [channel, plane] of channels.entries()) {
    if (padded) for (let pixel = channel; pixel < image.length; pixel += count) image[pixel] = padding[channel]!;
    for (let row = 0; row < inner.height; row++) {
      const source = (number * inner.height + row) * inner.width;
      const target = ((row + inner.top) * width + inner.left) * count + channel;
      if (count === 1) image.set(plane.subarray(source, source + inner.width), target);
      else for (let x = 0; x < inner.width; x++) image[target + x * count] = plane[source + x]!;
    }
  }
  for (let row = 0; classes !== null && row < inner.height; row++) {
    const source = (number * inner.height + row) * inner.width;
    labels.set(classes.subarray(source, source + inner.width), (row + inner.top) * width + inner.left);
  }
  return { height, width, channels: count, image, labels };
}
