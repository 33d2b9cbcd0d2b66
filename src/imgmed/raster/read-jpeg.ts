import sharp from 'sharp';
import { refusal } from '../refusal.ts';
import type { Picture } from './picture.ts';

/** Reads a JPEG's own grey or RGB, ignoring colour profiles. */
export async function readJpeg(file: string): Promise<Picture> {
  const bits = await bitsOf(file);
  if (bits !== 8) throw refusal(`it is a ${bits}-bit JPEG; save it as 16-bit PNG or TIFF`);
  return readWithVips(file);
}

/** Reads 8-bit JPEG pictures, also those in a TIFF. */
export async function readWithVips(file: string): Promise<Picture> {
  const image = sharp(file, { failOn: 'warning', ignoreIcc: true, pages: -1, limitInputPixels: 2 ** 31 });
  const { space, channels, pages = 1 } = await image.metadata();
  if (channels !== 1 && channels !== 3) {
    throw refusal(`its pixels are ${space} of ${channels} samples; save it as grey or RGB`);
  }
  const { data, info } = await image
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const height = info.height / pages;
  return { width: info.width, height, pages, samples: info.channels, data: Uint8Array.from(data) };
}

/** Bits per sample, from the frame header, since libvips reports damage if they are not 8. */
async function bitsOf(file: string): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const bytes = await readFile(file);
  for (let at = 2; at + 4 < bytes.length && bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1]!;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return bytes[at + 4]!;
  }
  return 8;
}
