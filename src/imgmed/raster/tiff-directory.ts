import { Damage } from '../refusal.ts';

/** Numbers or text of each tag in one picture's directory. */
export type Directory = ReadonlyMap<number, number[] | string>;

const bytesOf = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
const largestCount = 1 << 24;

export interface TiffFile {
  bytes: Buffer;
  little: boolean;
  directories: Directory[];
}

export function isTiff(bytes: Buffer): boolean {
  return ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(bytes.toString('latin1', 0, 4));
}

/** Reads the directories of a TIFF or BigTIFF. Throws `Damage`. */
export function tiffFile(bytes: Buffer): TiffFile {
  const little = bytes[0] === 0x49;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const big = view.getUint16(2, little) === 43;
  const offset = (at: number) => (big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
  const directories: Directory[] = [];
  const seen = new Set<number>();
  try {
    let at = offset(big ? 8 : 4);
    while (at !== 0) {
      if (seen.has(at)) throw new Damage('its directories form a loop');
      seen.add(at);
      const count = big ? Number(view.getBigUint64(at, little)) : view.getUint16(at, little);
      if (count > 4096) throw new Damage(`its directory declares ${count} entries`);
      const entries = new Map<number, number[] | string>();
      const first = at + (big ? 8 : 2);
      const length = big ? 20 : 12;
      for (let n = 0; n < count; n++) {
        const entry = first + n * length;
        const [tag, type] = [view.getUint16(entry, little), view.getUint16(entry + 2, little)];
        const values = big ? Number(view.getBigUint64(entry + 4, little)) : view.getUint32(entry + 4, little);
        const size = (bytesOf[type] ?? 0) * values;
        const inline = entry + (big ? 12 : 8);
        if (size === 0 || values > largestCount) continue;
        const place = size <= (big ? 8 : 4) ? inline : offset(inline);
        if (place + size > bytes.length) throw new Damage(`its tag ${tag} lies beyond its end`);
        entries.set(
          tag,
          type === 2
            ? bytes.toString('latin1', place, place + size).replace(/\0+$/, '')
            : numbers(view, little, type, place, values),
        );
      }
      directories.push(entries);
      at = offset(first + count * length);
    }
  } catch (error) {
    if (error instanceof RangeError) throw new Damage('it ends in the middle of its directory', { cause: error });
    throw error;
  }
  if (directories.length === 0) throw new Damage('it holds no picture');
  return { bytes, little, directories };
}

function numbers(view: DataView, little: boolean, type: number, place: number, count: number): number[] {
  const read: Record<number, (at: number) => number> = {
    1: (at) => view.getUint8(at),
    3: (at) => view.getUint16(at, little),
    4: (at) => view.getUint32(at, little),
    5: (at) => view.getUint32(at, little) / view.getUint32(at + 4, little),
    6: (at) => view.getInt8(at),
    7: (at) => view.getUint8(at),
    8: (at) => view.getInt16(at, little),
    9: (at) => view.getInt32(at, little),
    10: (at) => view.getInt32(at, little) / view.getInt32(at + 4, little),
    11: (at) => view.getFloat32(at, little),
    12: (at) => view.getFloat64(at, little),
    13: (at) => view.getUint32(at, little),
    16: (at) => Number(view.getBigUint64(at, little)),
    17: (at) => Number(view.getBigInt64(at, little)),
    18: (at) => Number(view.getBigUint64(at, little)),
  };
  return Array.from({ length: count }, (_, n) => read[type]!(place + n * bytesOf[type]!));
}
