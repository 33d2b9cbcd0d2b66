import { refusal } from '../refusal.ts';
import type { Form } from './data-set.ts';

/** How a file's pixels are unpacked: not at all, by our own code, or by GDCM. */
export type Packing = 'native' | 'rle' | 'deflatedFrames' | 'gdcm';

export interface TransferSyntax extends Form {
  uid: string;
  name: string;
  packing: Packing;
  /** The whole data set is deflated. */
  deflated: boolean;
}

const root = '1.2.840.10008.1.2';

/**
 * Syntaxes with pixels verified against pydicom, imagecodecs and zlib (`test/imgmed/oracle`); all others are refused.
 */
const compared: Record<string, [name: string, packing: Packing]> = {
  [root]: ['Implicit VR Little Endian', 'native'],
  [`${root}.1`]: ['Explicit VR Little Endian', 'native'],
  [`${root}.1.99`]: ['Deflated Explicit VR Little Endian', 'native'],
  [`${root}.2`]: ['Explicit VR Big Endian', 'native'],
  [`${root}.5`]: ['RLE Lossless', 'rle'],
  [`${root}.8.1`]: ['Deflated Image Frame Compression', 'deflatedFrames'],
  [`${root}.4.50`]: ['JPEG Baseline', 'gdcm'],
  [`${root}.4.51`]: ['JPEG Extended', 'gdcm'],
  [`${root}.4.57`]: ['JPEG Lossless', 'gdcm'],
  [`${root}.4.70`]: ['JPEG Lossless, first-order prediction', 'gdcm'],
  [`${root}.4.80`]: ['JPEG-LS Lossless', 'gdcm'],
  [`${root}.4.81`]: ['JPEG-LS Near-Lossless', 'gdcm'],
  [`${root}.4.90`]: ['JPEG 2000 Lossless', 'gdcm'],
  [`${root}.4.91`]: ['JPEG 2000', 'gdcm'],
};

const known: Record<string, string> = {
  '.4.92': 'JPEG 2000 multi-component',
  '.4.93': 'JPEG 2000 multi-component',
  '.4.100': 'MPEG2 video',
  '.4.101': 'MPEG2 video',
  '.4.102': 'MPEG-4 video',
  '.4.103': 'MPEG-4 video',
  '.4.104': 'MPEG-4 video',
  '.4.105': 'MPEG-4 video',
  '.4.106': 'MPEG-4 video',
  '.4.107': 'HEVC video',
  '.4.108': 'HEVC video',
  '.4.110': 'JPEG XL',
  '.4.111': 'JPEG XL',
  '.4.112': 'JPEG XL',
  '.4.201': 'High-Throughput JPEG 2000 (HTJ2K)',
  '.4.202': 'High-Throughput JPEG 2000 (HTJ2K)',
  '.4.203': 'High-Throughput JPEG 2000 (HTJ2K)',
};

/** How a file is encoded, even if its pixels are not read, since its header is. */
export function formOf(uid: string): Form & { deflated: boolean } {
  return { explicit: uid !== root, big: uid === `${root}.2`, deflated: uid === `${root}.1.99` };
}

/** Refuses by name any syntax that was not verified. */
export function transferSyntax(uid: string): TransferSyntax {
  const found = compared[uid];
  if (found === undefined) {
    const name = known[uid.slice(root.length)];
    throw refusal(
      `its pixels are packed as ${name === undefined ? `transfer syntax ${uid}` : `${name}, transfer syntax ${uid}`}, which is not supported; unpack it first (dcmtk, gdcmconv --raw, pydicom)`,
    );
  }
  return { uid, name: found[0], packing: found[1], ...formOf(uid) };
}
