import { Damage, refusal } from '../refusal.ts';
import type { Geometry, Triple, Volume, VoxelArray } from '../volume/volume.ts';
import { type DataSet, itemsOf, shortOf, textOf } from './data-set.ts';
import type { DicomFile } from './dicom-file.ts';
import { readFrames } from './pixel-frames.ts';
import { normalOf, type Slice, slicesOf } from './slice.ts';
import { stackSlices } from './stack-slices.ts';

/**
 * Reads a segmentation object as labels: a voxel holds its segment's number or, in a label map, the stored value. Empty
 * slices between the first and the last, which most programs omit, are filled in.
 */
export async function readSegmentation(file: string, read: DicomFile): Promise<Volume> {
  const { set } = read;
  const type = textOf(set, 0x00620001) || 'BINARY';
  if (type === 'FRACTIONAL') {
    const kind = textOf(set, 0x00620010) || 'PROBABILITY';
    throw refusal(
      `it is a fractional segmentation (${kind}), which holds no labels; write a binary one, at a threshold of your choice`,
    );
  }
  if (set.get(0x00480006) !== undefined) {
    throw refusal('it is a segmentation of tiled microscopy; extract pictures from it first');
  }
  const slices = slicesOf(file, set);
  const { format, frames } = await readFrames(read);
  if (type !== 'LABELMAP' && format.bitsStored > 1 && format.bitsAllocated > 1) {
    throw new Damage(`it is a ${type} segmentation of ${format.bitsStored} bits`);
  }
  const numbers = slices.map((_, frame) => (type === 'LABELMAP' ? null : segmentOf(set, frame)));
  const { geometry, places } = gridOf(slices);
  const voxels = geometry.size[0] * geometry.size[1] * geometry.size[2];
  const wide = type === 'LABELMAP' ? format.bitsAllocated > 8 : Math.max(...numbers.map((n) => n ?? 0)) > 255;
  const data: VoxelArray = wide ? new Uint16Array(voxels) : new Uint8Array(voxels);
  const overlaps = new Map<string, number>();
  const filled = new Set<number>();
  for (const [frame, values] of frames.entries()) {
    const number = numbers[frame] ?? null;
    const offset = places[frame]! * values.length;
    if (number === null && filled.has(places[frame]!))
      throw refusal('it holds two label maps of one slice; give each a file of its own');
    filled.add(places[frame]!);
    for (let pixel = 0; pixel < values.length; pixel++) {
      const value = number === null ? values[pixel]! : values[pixel]! === 0 ? 0 : number;
      if (value === 0) continue;
      const there = data[offset + pixel]!;
      if (there !== 0 && there !== value)
        overlaps.set(`${there} ${value}`, (overlaps.get(`${there} ${value}`) ?? 0) + 1);
      data[offset + pixel] = value;
    }
  }
  refuseOverlaps(overlaps, set);
  return { ...geometry, channels: 1, data };
}

function segmentOf(set: DataSet, frame: number): number {
  const groups = [itemsOf(set, 0x52009230)[frame], itemsOf(set, 0x52009229)[0]];
  for (const group of groups) {
    const identification = group === undefined ? undefined : itemsOf(group, 0x0062000a)[0];
    const number = identification === undefined ? undefined : shortOf(identification, 0x0062000b);
    if (number !== undefined) return number;
  }
  throw new Damage(`its frame ${frame + 1} names no segment`);
}

function refuseOverlaps(overlaps: ReadonlyMap<string, number>, set: DataSet): void {
  const [first] = overlaps;
  if (first === undefined) return;
  const names = new Map(
    itemsOf(set, 0x00620002).map((segment) => [String(shortOf(segment, 0x00620004)), textOf(segment, 0x00620005)]),
  );
  const [a, b] = first[0].split(' ').map((number) => `${number} (${names.get(number) ?? '?'})`);
  throw refusal(
    `its segments ${a} and ${b} overlap in ${first[1]} voxels, but a mask holds one label per voxel; write overlapping segments to separate files`,
  );
}

/** The grid from the first slice present to the last, and each frame's slice in it. */
function gridOf(slices: readonly Slice[]): { geometry: Geometry; places: number[] } {
  const first = slices[0]!;
  const { orientation } = first;
  if (slices.length === 1) return { geometry: stackSlices(slices).geometry, places: [0] };
  const unplaced = slices.every(({ position }) => position === null);
  // In a picture without a place in the body, every frame is another segment.
  if (unplaced) return { geometry: stackSlices([first]).geometry, places: slices.map(() => 0) };
  if (orientation === null || slices.some(({ position }) => position === null))
    throw new Damage('some of its frames have no position');
  const normal = normalOf(orientation);
  const heights = slices.map(({ position }) => normal.reduce((sum, n, row) => sum + n * position![row]!, 0));
  const lowest = heights.indexOf(Math.min(...heights));
  const levels = [...new Set(heights.map((height) => Math.round((height - heights[lowest]!) * 1000) / 1000))].sort(
    (a, b) => a - b,
  );
  const gaps = levels.slice(1).map((level, n) => level - levels[n]!);
  const distance = stepOf(gaps, first.thicknessMm);
  const one = stackSlices([slices[lowest]!]).geometry;
  if (levels.length === 1) return { geometry: one, places: slices.map(() => 0) };
  const places = heights.map((height) => Math.round((height - heights[lowest]!) / distance));
  const odd = heights.findIndex(
    (height, n) => Math.abs(height - heights[lowest]! - places[n]! * distance) > 0.1 * distance,
  );
  if (odd >= 0)
    throw refusal(
      `its slices are not evenly spaced: ${slices[odd]!.name} lies between two places ${Number(distance.toFixed(3))} mm apart; write it on an even grid`,
    );
  const depth = Math.max(...places) + 1;
  const top = heights.indexOf(Math.max(...heights));
  const exact = (heights[top]! - heights[lowest]!) / (depth - 1);
  const size: Triple = [one.size[0], one.size[1], depth];
  return { geometry: { ...one, size, spacingMm: [one.spacingMm[0], one.spacingMm[1], exact] }, places };
}

/** The header's slice distance if all gaps are multiples of it, else the smallest gap. */
function stepOf(gaps: readonly number[], said: number | null): number {
  const smallest = Math.min(...gaps);
  const divides = (step: number) => gaps.every((gap) => Math.abs(gap / step - Math.round(gap / step)) < 0.1);
  return said !== null && said <= 1.01 * smallest && divides(said) ? said : smallest;
}
