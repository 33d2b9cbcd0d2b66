import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { augmentSlice, type Slice } from '../augment.ts';
import { type ClassMap, toClasses } from '../class-map.ts';
import type { ScanCase } from '../datasets/case-list.ts';
import { loadMask, loadScan } from '../load-case.ts';
import { randomFor } from '../random.ts';
import { geometryDifference, type Volume } from '../volume/volume.ts';
import { voxelHash } from '../volume/voxel-hash.ts';
import { assembleSlice, cutPlanes, gatherSlices, resizeClasses, type SliceGrid, sliceGrid } from './cut-slices.ts';
import type { PrepSettings } from './prep-settings.ts';
import { prepareVolume } from './prepare-volume.ts';

export interface PrepareCaseOptions {
  scanCase: ScanCase;
  config: PrepSettings;
  classMap: ClassMap;
  channelNames: string[];
  /** Augmented copies of each slice. */
  copies: number;
}

/** A prepared case, whose slices are cut on demand. */
export interface PreparedCase {
  channels: number;
  /** Millimetres between rows and columns. */
  spacingMm: [number, number];
  /** The mask's own values. */
  labelValues: number[];
  /** Hash of the scan as it was read. */
  voxelHash: string;
  /** Generated one by one, anew on each iteration: a case with many augmented copies is never in memory as a whole. */
  slices: Iterable<{ id: string; slice: Slice }>;
  /** What was read; `prepared` and `grid` are what slices are cut from, and where. */
  loaded: { scan: Volume; truth: Volume; classes: Uint8Array };
  prepared: Volume;
  grid: SliceGrid;
}

/** Prepares a case: reads, reorients, crops, resamples and normalizes it; cuts, resizes and augments its slices. */
export async function prepareCase(options: PrepareCaseOptions): Promise<PreparedCase> {
  const { scanCase, config, classMap, channelNames } = options;
  if (scanCase.mask === null) throw new AutopilotError('image.noMask', `case ${scanCase.id} has no mask; add it`);
  const loaded = await loadScan(scanCase);
  const truth = await loadMask(scanCase.mask, loaded);
  const difference = geometryDifference(loaded, truth, 0.01);
  if (difference !== null) {
    throw new AutopilotError(
      'image.geometry',
      `${scanCase.mask}: is not on the grid of ${scanCase.images[0]}: ${difference}; resample the mask onto the scan`,
    );
  }
  const { data, values } = naming(scanCase.mask, () => toClasses(truth.data, classMap));
  const mask = { ...truth, channels: 1, data };
  const prepared = naming(scanCase.images[0]!, () => prepareVolume(loaded, mask, config, channelNames));
  const grid = sliceGrid(prepared.scan, config);
  return {
    channels: prepared.scan.channels,
    spacingMm: grid.spacingMm,
    labelValues: values,
    voxelHash: voxelHash(loaded),
    slices: { [Symbol.iterator]: () => cutCase(prepared.scan, prepared.mask!, grid, options) },
    loaded: { scan: loaded, truth, classes: data },
    prepared: prepared.scan,
    grid,
  };
}

/** Each slice with its id, `la_003-z41`, followed by its augmented copies, `la_003-z41-a2`. */
function* cutCase(
  scan: Volume,
  mask: Volume,
  grid: SliceGrid,
  { scanCase, config, classMap, copies }: PrepareCaseOptions,
): Generator<{ id: string; slice: Slice }> {
  const planes = cutPlanes(scan, grid, config);
  const gathered = gatherSlices(mask.data as Uint8Array, mask, grid);
  const classes = resizeClasses(gathered, mask, grid, config.order.label, classMap.classes.length);
  for (const [number, position] of grid.positions.entries()) {
    const slice = assembleSlice(planes, classes, number, grid, config.size);
    if (config.slices.foregroundOnly && slice.labels.every((label) => label === 0)) continue;
    const id = `${scanCase.id}-${'xyz'[grid.axis]}${position}`;
    yield { id, slice };
    for (let copy = 1; copy <= copies; copy++) {
      const changed = augmentSlice(slice, config.augment!, randomFor(config.seed, 'augment', id, copy));
      yield { id: `${id}-a${copy}`, slice: changed };
    }
  }
}

/** Prefixes errors about voxels with the file they came from. */
function naming<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AutopilotError)
      throw new AutopilotError(error.code, `${file}: ${messageOf(error)}`, { cause: error });
    throw error;
  }
}
