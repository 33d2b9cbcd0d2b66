import { basename } from 'node:path';
import { Damage, refusal } from '../refusal.ts';
import type { Triple } from '../volume/volume.ts';
import { type DataSet, decimalOf, decimalsOf, doubleOf, itemsOf, shortOf, shortsOf, textOf } from './data-set.ts';

/** One picture of a series: a file, or a frame of one. */
export interface Slice {
  file: string;
  frame: number;
  /** Name for messages. */
  name: string;
  rows: number;
  columns: number;
  samples: number;
  /** Whether 0 is white (MONOCHROME1). */
  zeroIsWhite: boolean;
  /** Centre of the first pixel, LPS millimetres; null where the file does not say. */
  position: Triple | null;
  /** Unit vectors of growing column index, then of growing row index. */
  orientation: number[] | null;
  /** Millimetres between rows, then between columns; null where the file does not say. */
  pixelSpacing: [number, number] | null;
  /** Distance to the next slice, or else thickness: what a single slice has instead of a neighbour. */
  thicknessMm: number | null;
  slope: number;
  intercept: number;
  /** Table indexed by stored value − first; null if there is none. */
  lookup: { first: number; values: readonly number[] } | null;
  /** Attributes that tell repeated slices apart: `EchoTime` → `4`. */
  marks: Map<string, string>;
}

/** Elements that tell times, echoes, diffusion directions and the like apart. */
const marks: [tag: number, name: string][] = [
  [0x00080008, 'ImageType'],
  [0x00180081, 'EchoTime'],
  [0x00180086, 'EchoNumbers'],
  [0x00200100, 'TemporalPositionIdentifier'],
  [0x00181060, 'TriggerTime'],
  [0x00180080, 'RepetitionTime'],
  [0x00200012, 'AcquisitionNumber'],
  [0x00080032, 'AcquisitionTime'],
  [0x00080022, 'AcquisitionDate'],
];

/** The slices of a file, from its header. Refuses mosaics and tiled microscopy by name. */
export function slicesOf(file: string, set: DataSet): Slice[] {
  const frames = Math.max(1, Math.round(decimalOf(set, 0x00280008) ?? 1));
  const imageType = textOf(set, 0x00080008);
  if (imageType.includes('MOSAIC')) {
    throw refusal('it is a mosaic of slices (ImageType MOSAIC); convert it with dcm2niix, and read the NIfTI file');
  }
  if (textOf(set, 0x00080060) === 'SM' && frames > 1) {
    throw refusal('it is tiled microscopy (Modality SM); extract pictures from it first');
  }
  const perFrame = itemsOf(set, 0x52009230);
  const shared = itemsOf(set, 0x52009229)[0];
  if (perFrame.length > 0 && perFrame.length !== frames) {
    throw new Damage(`it describes ${perFrame.length} frames but has ${frames}`);
  }
  const offsets = decimalsOf(set, 0x3004000c);
  return Array.from({ length: frames }, (_, frame) => {
    const groups = [perFrame[frame], shared].flatMap((group) => (group === undefined ? [] : [group]));
    return sliceOf(file, set, frame, frames, groups, offsets);
  });
}

function sliceOf(
  file: string,
  set: DataSet,
  frame: number,
  frames: number,
  groups: readonly DataSet[],
  offsets: readonly number[],
): Slice {
  /** Data sets that may hold an element of a functional group, the frame's own first. */
  const within = (sequence: number) => [...groups.flatMap((group) => itemsOf(group, sequence)), set];
  const numbers = (sequence: number, tag: number, count: number): number[] | null => {
    const values = within(sequence)
      .map((place) => decimalsOf(place, tag))
      .find((found) => found.length > 0);
    if (values === undefined) return null;
    if (values.length !== count)
      throw new Damage(`its element ${tag.toString(16)} has ${values.length} numbers, not ${count}`);
    return values;
  };
  const orientation = numbers(0x00209116, 0x00200037, 6);
  const offset = frames > 1 && offsets.length === frames ? offsets[frame]! - offsets[0]! : null;
  let position = numbers(0x00209113, 0x00200032, 3);
  if (frames > 1 && groups.length === 0 && offset === null) position = null;
  if (position !== null && orientation !== null && offset !== null) position = along(position, orientation, offset);
  const spacing =
    numbers(0x00289110, 0x00280030, 2) ?? numbers(0x00289110, 0x00181164, 2) ?? numbers(0x00289110, 0x00182010, 2);
  const thickness =
    within(0x00289110)
      .map((place) => decimalOf(place, 0x00180088) ?? decimalOf(place, 0x00180050))
      .find((value) => value !== undefined) ?? null;
  const scaling = within(0x00289145);
  const scaled = (tag: number) => scaling.map((place) => decimalOf(place, tag)).find((value) => value !== undefined);
  const dose = textOf(set, 0x00080060) === 'RTDOSE' ? (decimalOf(set, 0x3004000e) ?? 1) : 1;
  return {
    file,
    frame,
    name: frames > 1 ? `frame ${frame + 1}` : basename(file),
    rows: shortOf(set, 0x00280010) ?? 0,
    columns: shortOf(set, 0x00280011) ?? 0,
    samples: shortOf(set, 0x00280002) ?? 1,
    zeroIsWhite: textOf(set, 0x00280004) === 'MONOCHROME1',
    position: position as Triple | null,
    orientation,
    pixelSpacing: spacing as [number, number] | null,
    thicknessMm: thickness === null || !(thickness > 0) ? null : thickness,
    slope: (scaled(0x00281053) ?? 1) * dose,
    intercept: scaled(0x00281052) ?? 0,
    lookup: lookupOf(set),
    marks: marksOf(set, groups),
  };
}

/** Moves a position along the normal, in which RTDOSE gives the distances of its frames from the first. */
function along(position: readonly number[], orientation: readonly number[], offset: number): Triple {
  const n = normalOf(orientation);
  return position.map((value, row) => value + offset * n[row]!) as Triple;
}

/** The unit vector perpendicular to rows and columns. */
export function normalOf(orientation: readonly number[]): Triple {
  const [a, b, c, d, e, f] = orientation as [number, number, number, number, number, number];
  const normal = [b * f - c * e, c * d - a * f, a * e - b * d];
  const length = Math.hypot(...normal);
  return normal.map((value) => value / length) as Triple;
}

function lookupOf(set: DataSet): Slice['lookup'] {
  const table = itemsOf(set, 0x00283000)[0];
  if (table === undefined) return null;
  const [, first = 0, bits = 16] = shortsOf(table, 0x00283002);
  const signed = shortOf(set, 0x00280103) === 1;
  const values =
    bits === 8 && (table.get(0x00283006)?.vr ?? '') === 'OB'
      ? [...(table.get(0x00283006)?.value ?? [])]
      : shortsOf(table, 0x00283006);
  if (values.length === 0) throw new Damage('its modality lookup table is empty');
  return { first: signed && first >= 0x8000 ? first - 0x10000 : first, values };
}

function marksOf(set: DataSet, groups: readonly DataSet[]): Map<string, string> {
  const found = new Map(marks.map(([tag, name]): [string, string] => [name, textOf(set, tag)]));
  const put = (name: string, value: string | number | undefined) => {
    if (value !== undefined && value !== '') found.set(name, String(value));
  };
  put('DiffusionBValue', doubleOf(set, 0x00189087));
  for (const group of groups) {
    const content = itemsOf(group, 0x00209111)[0];
    const type = itemsOf(group, 0x00189226)[0];
    const [echo, diffusion] = [itemsOf(group, 0x00189114)[0], itemsOf(group, 0x00189117)[0]];
    if (content !== undefined) {
      put('TemporalPositionIndex', content.get(0x00209128)?.value.readUInt32LE());
      put('StackID', textOf(content, 0x00209056));
    }
    if (type !== undefined) put('FrameType', textOf(type, 0x00089007));
    if (echo !== undefined) put('EffectiveEchoTime', doubleOf(echo, 0x00189082));
    if (diffusion !== undefined) put('DiffusionBValue', doubleOf(diffusion, 0x00189087));
  }
  return found;
}
