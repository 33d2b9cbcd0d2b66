import { Damage } from '../refusal.ts';

/**
 * Unpacks a frame of RLE Lossless (PS3.5 annex G): sample after sample, with one segment per byte, most significant
 * first. The result is planar and little-endian.
 */
export function unpackRle(frame: Buffer, pixels: number, samples: number, bytes: number): Buffer {
  const segments = frame.length < 64 ? 0 : frame.readUInt32LE(0);
  if (segments !== samples * bytes) {
    throw new Damage(`its RLE frame has ${segments} segments, where ${samples} × ${bytes} are needed`);
  }
  const result = Buffer.alloc(pixels * samples * bytes);
  for (let segment = 0; segment < segments; segment++) {
    const start = frame.readUInt32LE(4 + 4 * segment);
    const end = segment + 1 < segments ? frame.readUInt32LE(8 + 4 * segment) : frame.length;
    const sample = Math.floor(segment / bytes);
    const byte = bytes - 1 - (segment % bytes);
    unpackBits(frame.subarray(start, end), result, sample * pixels * bytes + byte, bytes, pixels);
  }
  return result;
}

/** Unpacks PackBits into every `step`-th byte of the target. */
function unpackBits(source: Buffer, target: Buffer, offset: number, step: number, count: number): void {
  let written = 0;
  let at = 0;
  while (written < count) {
    if (at + 1 >= source.length) throw new Damage(`its RLE frame ends after ${written} of ${count} values`);
    const control = source[at++]!;
    if (control === 128) continue;
    const literal = control < 128;
    const length = literal ? control + 1 : 257 - control;
    for (let n = 0; n < length && written < count; n++) {
      target[offset + step * written++] = literal ? (source[at + n] ?? 0) : source[at]!;
    }
    at += literal ? length : 1;
  }
}
