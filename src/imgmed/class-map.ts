import { AutopilotError } from '../domain/errors.ts';
import type { VoxelArray } from './volume/volume.ts';

/** Mapping of label values to class numbers. */
export interface ClassMap {
  /** Class names; class 0 is the background. */
  classes: string[];
  /** Label value → class number. */
  values: [number, number][];
  /** Class of values that are not listed, or `refuse` to make them an error. */
  others: number | 'refuse';
}

/** Class numbers are stored in 8 bits. */
export const mostClasses = 256;

type Wanted = Record<string, (number | [number, number])[]>;

/** Classes from the config; else from the declared labels; else 0 is background and the one other value foreground. */
export function classMapOf(wanted: Wanted | undefined, labels: readonly { value: number; name: string }[]): ClassMap {
  const count = wanted === undefined ? labels.length : Object.keys(wanted).length + 1;
  if (count > mostClasses) {
    throw new AutopilotError(
      'prep.classes',
      `classes: there are ${count}, but at most ${mostClasses} can be trained, including the background; merge some under "classes" in the prep config`,
    );
  }
  if (wanted !== undefined) {
    const names = Object.keys(wanted);
    const values = names.flatMap((name, index) =>
      wanted[name]!.flatMap((entry) => (typeof entry === 'number' ? [entry] : range(...entry))).map(
        (value): [number, number] => [value, index + 1],
      ),
    );
    const twice = values.find(([value], index) => values.findIndex(([other]) => other === value) !== index);
    if (twice !== undefined) {
      throw new AutopilotError(
        'prep.classes',
        `classes: label value ${twice[0]} belongs to two classes; give it to one`,
      );
    }
    return { classes: ['background', ...names], values, others: 0 };
  }
  if (labels.length > 1) {
    return {
      classes: labels.map(({ name }) => name),
      values: labels.map(({ value }, index) => [value, index]),
      others: 'refuse',
    };
  }
  return { classes: ['background', 'foreground'], values: [[0, 0]], others: 1 };
}

/**
 * The data set's own label value for each class, for masks written back to it; null when a class has several values or
 * no known one, so that only class numbers are unambiguous. If unlisted values become background, its own value is 0.
 */
export function labelValuesOf({ classes, values, others }: ClassMap): number[] | null {
  const own = classes.map((_, label) => {
    const found = values.filter(([, number]) => number === label).map(([value]) => value);
    return found.length === 0 && others === label && label === 0 ? [0] : found;
  });
  const known = own.flatMap((found) => (found.length === 1 && found[0] !== undefined ? [found[0]] : []));
  const usable = others === 'refuse' || others === 0;
  return usable && known.length === classes.length && new Set(known).size === known.length ? known : null;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

export interface Classes {
  /** One class number per voxel. */
  data: Uint8Array;
  /** The mask's own values, sorted. */
  values: number[];
}

/** More undeclared values than this cannot be labels: JPEG and smoothing leave a fringe around every edge. */
export const manyValues = 8;

/** Class numbers of a mask's voxels. Throws on values that cannot be labels or are undeclared, naming them. */
export function toClasses(mask: VoxelArray, map: ClassMap): Classes {
  const classOf = new Map(map.values);
  const data = new Uint8Array(mask.length);
  const values = new Set<number>();
  // Neighbouring voxels mostly share a label, so it is looked up only when the value changes.
  let value = Number.NaN;
  let found = 0;
  for (let index = 0; index < mask.length; index++) {
    if (mask[index] !== value) {
      value = mask[index]!;
      values.add(value);
      if (values.size > 70_000) break;
      found = classOf.get(value) ?? (map.others === 'refuse' ? 0 : map.others);
    }
    data[index] = found;
  }
  const sorted = [...values].sort((a, b) => a - b);
  const problem = labelProblem(sorted, map);
  if (problem !== null) throw new AutopilotError('image.labels', problem);
  return { data, values: sorted };
}

/** The problem with a mask's values and how to fix it; null if there is none. */
export function labelProblem(
  values: readonly number[],
  { values: known, others }: Pick<ClassMap, 'values' | 'others'>,
): string | null {
  const odd = values.find((value) => !Number.isInteger(value));
  if (odd !== undefined) {
    return `holds the value ${odd}${values.length > manyValues ? ` among ${values.length} different ones` : ''}, but labels are whole numbers; save the mask without interpolation, and labels instead of probabilities`;
  }
  const declared = new Set(known.map(([value]) => value));
  const unknown = values.filter((value) => !declared.has(value));
  if (others === 'refuse' && unknown.length > 0) {
    return `holds label values ${listed(unknown)} outside the declared ${listed([...declared])}; declare them, or name "classes" in the prep config`;
  }
  if (others === 1 && unknown.length > manyValues) {
    return `holds ${values.length} different values, as after JPEG or smoothing; save it without either, or name "classes" in the prep config (classes: { foreground: [[128, 255]] })`;
  }
  if (others === 1 && unknown.length > 1) {
    return `holds label values ${listed(unknown)}, and nothing says what they stand for; name them under "classes" in the prep config (classes: { foreground: [${unknown.join(', ')}] } makes one class of them)`;
  }
  return null;
}

function listed(values: readonly number[]): string {
  return `${values.slice(0, 8).join(', ')}${values.length > 8 ? ', …' : ''}`;
}
