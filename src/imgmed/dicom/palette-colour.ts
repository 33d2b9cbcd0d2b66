import { Damage, refusal } from '../refusal.ts';
import { type DataSet, shortsOf } from './data-set.ts';

/** A palette as red, green and blue of each colour; 16-bit colours are reduced to their upper byte. */
export function paletteOf(set: DataSet): Uint8Array {
  const [count = 0, first = 0, bits = 16] = shortsOf(set, 0x00281101);
  if (first !== 0 || count === 0)
    throw refusal(`its palette starts at ${first} with ${count} colours; only palettes that start at 0 are read`);
  const channels = [0x00281201, 0x00281202, 0x00281203].map((tag) => {
    const element = set.get(tag);
    if (element === undefined) throw new Damage('its palette is missing');
    if (bits === 8 && element.value.length < 2 * count) return [...element.value];
    return shortsOf(set, tag).map((value) => (bits === 8 ? value & 0xff : value >> 8));
  });
  const palette = new Uint8Array(3 * count);
  for (let colour = 0; colour < count; colour++) {
    for (let channel = 0; channel < 3; channel++) palette[3 * colour + channel] = channels[channel]![colour] ?? 0;
  }
  return palette;
}
