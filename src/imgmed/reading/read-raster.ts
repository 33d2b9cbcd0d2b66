import { readFileSync } from 'node:fs';
import { type Picture, pictureVolume } from '../raster/picture.ts';
import { readPng } from '../raster/read-png.ts';
import { isTiff, readTiff } from '../raster/read-tiff.ts';
import { Damage } from '../refusal.ts';
import type { Volume } from '../volume/volume.ts';

/**
 * Reads PNG, JPEG or TIFF as stored, recognized by content, not by name: palette indices (with their colours) and bit
 * depths are kept, no colour is managed, and the pages of a TIFF are slices. Pixels count as 1 mm.
 */
export async function readRaster(file: string): Promise<Volume> {
  return pictureVolume(await pictureIn(file));
}

async function pictureIn(file: string): Promise<Picture> {
  const bytes = readFileSync(file);
  if (bytes.length < 12) throw new Damage(`it has ${bytes.length} bytes`);
  if (bytes.toString('latin1', 0, 8) === '\x89PNG\r\n\x1a\n') return readPng(bytes);
  if (isTiff(bytes)) return readTiff(bytes, file);
  if (bytes.readUInt16BE(0) === 0xffd8) return (await import('../raster/read-jpeg.ts')).readJpeg(file);
  throw new Damage('it is not a PNG, JPEG or TIFF file');
}
