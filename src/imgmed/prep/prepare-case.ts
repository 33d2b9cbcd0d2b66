import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { augmentSlice, type Slice } from '../augment.ts';
import { type ClassMap, toClasses } from '../class-map.ts';
import type { ScanCase } from '../datasets/case-list.ts';
import { loadScan } from '../load-case.ts';
import { randomFor } from '../random.ts';
import { readVolume } from '../read-volume.ts';
import { geometryDifference } from '../volume.ts';
import { assembleSlice, gatherSlices, resizeClasses, resizeSlices, sliceGrid } from './cut-slices.ts';
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

export interface PreparedCase {
  slices: Slice[];
  /** Of each slice: `la_003-z41`, and `la_003-z41-a2` for its second changed copy. */
  ids: string[];
  channels: number;
  /** Millimetres between rows and columns. */
  spacingMm: [number, number];
}

/** A case as slices: read, turned, cropped, resampled, normalized, cut, resized, augmented. */
export async function prepareCase(options: PrepareCaseOptions): Promise<PreparedCase> {
  const { scanCase, config, classMap, channelNames, copies } = options;
  if (scanCase.mask === null) throw new AutopilotError('image.noMask', `case ${scanCase.id} has no mask; add it`);
  const loaded = await loadScan(scanCase);
  const truth = await readVolume(scanCase.mask);
  const difference = geometryDifference(loaded, truth, 0.01);
  if (difference !== null) {
    throw new AutopilotError(
      'image.geometry',
      `${scanCase.mask}: does not lie on the grid of ${scanCase.images[0]}: ${difference}; resample the mask onto the scan`,
    );
  }
  const mask = {
    ...truth,
    channels: 1,
    data: naming(scanCase.mask, () => toClasses(truth.data.subarray(0, truth.data.length / truth.channels), classMap)),
  };
  const prepared = naming(scanCase.images[0]!, () => prepareVolume(loaded, mask, config, channelNames));
  return cutCase(prepared.scan, prepared.mask!, options, copies);
}

function cutCase(
  scan: Parameters<typeof sliceGrid>[0],
  mask: Parameters<typeof sliceGrid>[0],
  { scanCase, config, classMap }: PrepareCaseOptions,
  copies: number,
): PreparedCase {
  const grid = sliceGrid(scan, config);
  const options = { order: config.order.image, antialias: config.antialias };
  const voxels = scan.data.length / scan.channels;
  const planes: Float32Array[] = [];
  const padding: number[] = [];
  for (let channel = 0; channel < scan.channels; channel++) {
    const data = (scan.data as Float32Array).subarray(channel * voxels, (channel + 1) * voxels);
    padding.push(data.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY));
    planes.push(resizeSlices(gatherSlices(data, scan, grid), scan, grid, options));
  }
  const gathered = gatherSlices(Float32Array.from(mask.data), mask, grid);
  const classes = resizeClasses(gathered, mask, grid, config.order.label, classMap.classes.length);
  const axisName = 'xyz'[grid.axis];
  const slices: Slice[] = [];
  const ids: string[] = [];
  for (const [number, position] of grid.positions.entries()) {
    const slice = assembleSlice(planes, padding, classes, number, grid, config.size);
    if (config.slices.foregroundOnly && slice.labels.every((label) => label === 0)) continue;
    const id = `${scanCase.id}-${axisName}${position}`;
    slices.push(slice);
    ids.push(id);
    for (let copy = 1; copy <= copies; copy++) {
      slices.push(augmentSlice(slice, config.augment!, randomFor(config.seed, 'augment', id, copy)));
      ids.push(`${id}-a${copy}`);
    }
  }
  return { slices, ids, channels: scan.channels, spacingMm: grid.spacingMm };
}

/** Errors about voxels name the file they came from. */
function naming<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AutopilotError)
      throw new AutopilotError(error.code, `${file}: ${messageOf(error)}`, { cause: error });
    throw error;
  }
}
