import { dirname, resolve } from 'node:path';
import sharp from 'sharp';
import { makeFolder } from '../../protocol/files/make-folder.ts';

export const pictureEndings = ['png', 'jpg', 'jpeg', 'tif', 'tiff'] as const;

/** Pixels row by row, samples interleaved. */
export interface PicturePixels {
  width: number;
  height: number;
  /** 1: grey; 3: red, green and blue. */
  samples: 1 | 3;
  data: Uint8Array | Uint16Array;
}

/** Writes PNG, JPEG (8 bits, quality 95, no chroma subsampling) or TIFF by the file's ending, values unchanged. */
export async function writePicture({ width, height, samples, data }: PicturePixels, path: string): Promise<void> {
  makeFolder(dirname(resolve(path)));
  const wide = data instanceof Uint16Array;
  const space = samples === 1 ? (wide ? 'grey16' : 'b-w') : wide ? 'rgb16' : 'srgb';
  const picture = sharp(data, { raw: { width, height, channels: samples } }).toColourspace(space);
  if (/\.png$/i.test(path)) await picture.png().toFile(path);
  else if (/\.jpe?g$/i.test(path)) await picture.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toFile(path);
  else await picture.tiff({ compression: 'deflate', predictor: 'none' }).toFile(path);
}
