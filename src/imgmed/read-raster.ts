import sharp from 'sharp';
import { planar } from './itk-image.ts';
import { identityDirection, type Volume } from './volume.ts';

/**
 * Reads PNG, JPEG or TIFF. Grey images and palettes give one channel (RGB masks whose channels agree, too);
 * transparency is dropped; 16 bits stay 16 bits; the pages of a TIFF are slices. Pixels count as 1 mm unless
 * the file gives a resolution.
 */
export async function readRaster(file: string): Promise<Volume> {
  const image = sharp(file, { failOn: 'warning', pages: -1, limitInputPixels: 2 ** 31 });
  const metadata = await image.metadata();
  const pages = metadata.pages ?? 1;
  const wide = metadata.depth === 'ushort' || metadata.depth === 'short';
  const { data, info } = await image
    .removeAlpha()
    .toColourspace(greyOrColour(metadata.space, wide))
    .raw({ depth: wide ? 'ushort' : metadata.depth === 'float' ? 'float' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const values = wide
    ? new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength))
    : metadata.depth === 'float'
      ? new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength))
      : new Uint8Array(data);
  const height = metadata.pageHeight ?? info.height / pages;
  const volume: Volume = {
    size: [info.width, height, pages],
    spacingMm: [1, 1, 1],
    originMm: [0, 0, 0],
    direction: [...identityDirection],
    channels: info.channels,
    data: info.channels > 1 ? planar(values, info.channels) : values,
  };
  return greyIfEqual(volume);
}

function greyOrColour(space: string | undefined, wide: boolean): string {
  const grey = space === 'b-w' || space === 'grey16';
  if (grey) return wide ? 'grey16' : 'b-w';
  return wide ? 'rgb16' : 'srgb';
}

/** A grey picture stored as RGB gets one channel. */
function greyIfEqual(volume: Volume): Volume {
  const { channels, data } = volume;
  const count = data.length / channels;
  for (let index = count; index < data.length; index++) {
    if (data[index] !== data[index % count]) return volume;
  }
  return { ...volume, channels: 1, data: data.subarray(0, count) };
}
