import { AutopilotError } from '../domain/errors.ts';
import type { VoxelArray } from './volume.ts';

/** How label values become class numbers. */
export interface ClassMap {
  /** Class names; class 0 is the background. */
  classes: string[];
  /** Label value → class number. */
  values: [number, number][];
  /** What a value that is not listed becomes: a class, or an error. */
  others: number | 'refuse';
}

type Wanted = Record<string, (number | [number, number])[]>;

/** From the classes of the config; else from the declared labels; else 0 is background and the rest is foreground. */
export function classMapOf(wanted: Wanted | undefined, labels: readonly { value: number; name: string }[]): ClassMap {
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
 * The data set's own value of each class, for masks that go back to it; null when a class stands for several values or
 * for none that is known, so that only the class numbers are unambiguous. What is left out by `others` is background, 0.
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

/** Class numbers of a mask's voxels. Throws on values that are not declared, naming them. */
export function toClasses(mask: VoxelArray, map: ClassMap): Uint8Array {
  const classOf = new Map(map.values);
  const result = new Uint8Array(mask.length);
  const unknown = new Set<number>();
  // Neighbours mostly have the same label: it is looked up where it changes.
  let value = Number.NaN;
  let found = 0;
  for (let index = 0; index < mask.length; index++) {
    if (mask[index] !== value) {
      value = mask[index]!;
      const known = classOf.get(value);
      if (known === undefined && map.others === 'refuse') unknown.add(value);
      if (unknown.size > 20) break;
      found = known ?? (map.others === 'refuse' ? 0 : map.others);
    }
    result[index] = found;
  }
  if (unknown.size === 0) return result;
  const values = [...unknown].sort((a, b) => a - b).slice(0, 8);
  const declared = map.values.map(([value]) => value).join(', ');
  throw new AutopilotError(
    'image.labels',
    `holds label values ${values.join(', ')}${unknown.size > 8 ? ', …' : ''} outside the declared ${declared}; declare them, or name "classes" in the prep config`,
  );
}
