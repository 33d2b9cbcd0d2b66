import { inflateSync } from 'node:zlib';
import { messageOf } from '../../domain/errors.ts';
import { Damage, refusal } from '../refusal.ts';

const names: Record<number, string> = {
  2: 'CCITT fax',
  3: 'CCITT fax',
  4: 'CCITT fax',
  6: 'old-style JPEG',
  7: 'JPEG',
  33003: 'JPEG 2000',
  33004: 'JPEG 2000',
  33005: 'JPEG 2000',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50000: 'Zstandard',
  50001: 'WebP',
};

/** Refuses compressions other than none, LZW, deflate (old and new number) and PackBits. */
export function requireCompression(compression: number): void {
  if ([1, 5, 8, 32773, 32946].includes(compression)) return;
  throw refusal(
    `it is a TIFF compressed as ${names[compression] ?? `number ${compression}`}; save it uncompressed, or with LZW or deflate`,
  );
}

/** Unpacks one strip or tile to `length` bytes. */
export function unpackTiff(packed: Buffer, compression: number, length: number): Buffer {
  const unpacked =
    compression === 1
      ? packed
      : compression === 5
        ? unpackLzw(packed, length)
        : compression === 32773
          ? unpackBits(packed, length)
          : inflated(packed, length);
  if (unpacked.length < length)
    throw new Damage(`a part of its pixels has ${unpacked.length} bytes, but its header declares ${length}`);
  return Buffer.from(unpacked.subarray(0, length));
}

function inflated(packed: Buffer, length: number): Buffer {
  try {
    return inflateSync(packed, { maxOutputLength: length + 65536 });
  } catch (error) {
    throw new Damage(`its compression is broken (${messageOf(error)})`, { cause: error });
  }
}

function unpackBits(packed: Buffer, length: number): Buffer {
  const result = Buffer.alloc(length);
  let [at, written] = [0, 0];
  while (written < length && at + 1 < packed.length) {
    const control = packed.readInt8(at++);
    if (control === -128) continue;
    const count = control >= 0 ? control + 1 : 1 - control;
    if (control >= 0) packed.copy(result, written, at, at + count);
    else result.fill(packed[at]!, written, Math.min(length, written + count));
    at += control >= 0 ? count : 1;
    written += count;
  }
  return written < length ? result.subarray(0, written) : result;
}

const [clear, end] = [256, 257];

/** TIFF's LZW: most significant bit first, with codes that grow longer one code earlier than in GIF. */
function unpackLzw(packed: Buffer, length: number): Buffer {
  if (packed[0] === 0 && (packed[1]! & 1) === 1)
    throw refusal('it uses the LZW variant from before TIFF 5, which is not supported; save it again');
  const result = Buffer.alloc(length);
  /** Start of each code's text in the result, and its length. */
  const starts = new Int32Array(4096);
  const lengths = new Int32Array(4096);
  let [written, next, width, bit] = [0, 258, 9, 0];
  let last = -1;
  let [lastStart, lastLength] = [0, 0];
  while (written < length && bit + width <= packed.length * 8) {
    let code = 0;
    for (let taken = 0; taken < width; ) {
      const room = 8 - (bit & 7);
      const some = Math.min(room, width - taken);
      code = (code << some) | ((packed[bit >> 3]! >> (room - some)) & (2 ** some - 1));
      taken += some;
      bit += some;
    }
    if (code === end) break;
    if (code === clear) {
      [next, width, last] = [258, 9, -1];
      continue;
    }
    const start = written;
    if (code < 256) result[written++] = code;
    else {
      if (code > next || last < 0) throw new Damage('its LZW compression is broken');
      const own = code === next;
      const [from, count] = own ? [lastStart, lastLength + 1] : [starts[code]!, lengths[code]!];
      for (let n = 0; n < count && written < length; n++) result[written++] = result[from + n]!;
    }
    if (last >= 0 && next < 4096) {
      starts[next] = lastStart;
      lengths[next] = lastLength + 1;
      next += 1;
    }
    if (next + 1 >= 2 ** width && width < 12) width += 1;
    [last, lastStart, lastLength] = [code, start, written - start];
  }
  return written < length ? result.subarray(0, written) : result;
}
