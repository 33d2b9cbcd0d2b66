import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Image } from 'itk-wasm';
import { quietly } from '../reading/quiet-pipeline.ts';
import { Damage, refusal } from '../refusal.ts';
import type { PixelFormat } from './pixel-format.ts';

/** Bytes unpacked per call: starting the WebAssembly takes a tenth of a second. */
const chunkBytes = 1 << 27;

/**
 * Unpacks compressed frames with GDCM, which is used for nothing else: it gets a file with only the frames, without
 * position, scaling or lookup tables, so that these are interpreted in one place for all files.
 */
export async function unpackWithGdcm(
  frames: readonly Buffer[],
  syntax: string,
  format: PixelFormat,
): Promise<ArrayBufferView[]> {
  const { rows, columns, samples, bitsAllocated } = format;
  const values = rows * columns * samples;
  const atOnce = Math.max(1, Math.floor(chunkBytes / ((values * bitsAllocated) / 8)));
  const { gdcmReadImageNode } = await import('@itk-wasm/image-io');
  const unpacked: ArrayBufferView[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'gdcm-'));
  try {
    for (let first = 0; first < frames.length; first += atOnce) {
      const part = frames.slice(first, first + atOnce);
      const file = join(folder, 'frames.dcm');
      writeFileSync(file, fileOf(part, syntax, format));
      const { couldRead, image } = await quietly(() => gdcmReadImageNode(file)).catch(() => ({
        couldRead: false,
        image: null,
      }));
      if (couldRead !== true || image === null) {
        throw refusal(
          `GDCM cannot unpack its pixels (transfer syntax ${syntax}): they are damaged, or in a format it does not support; unpack it first (dcmtk, pydicom), or replace it with an intact copy`,
        );
      }
      unpacked.push(...framesOf(image as Image, part.length, values));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return unpacked;
}

function framesOf({ data, imageType }: Image, count: number, values: number): ArrayBufferView[] {
  if (data === null || data.length !== count * values) {
    throw new Damage(
      `its compressed pixels hold ${data?.length ?? 0} values of ${imageType.componentType}, but its header declares ${count * values}`,
    );
  }
  return Array.from({ length: count }, (_, n) => data.subarray(n * values, (n + 1) * values));
}

const multiFrameWord = '1.2.840.10008.5.1.4.1.1.7.3';

function fileOf(frames: readonly Buffer[], syntax: string, format: PixelFormat): Buffer {
  const { rows, columns, samples, photometric, bitsAllocated, bitsStored, signed } = format;
  const uid = '1.2.826.0.1.3680043.10.1';
  const meta = [
    element(0x0002, 0x0002, 'UI', multiFrameWord),
    element(0x0002, 0x0003, 'UI', uid),
    element(0x0002, 0x0010, 'UI', syntax),
  ];
  const length = Buffer.alloc(4);
  length.writeUInt32LE(meta.reduce((sum, { length: bytes }) => sum + bytes, 0));
  const body = [
    element(0x0008, 0x0016, 'UI', multiFrameWord),
    element(0x0008, 0x0018, 'UI', uid),
    element(0x0028, 0x0002, 'US', samples),
    element(0x0028, 0x0004, 'CS', photometric === 'PALETTE COLOR' ? 'MONOCHROME2' : photometric),
    ...(samples > 1 ? [element(0x0028, 0x0006, 'US', 0)] : []),
    element(0x0028, 0x0008, 'IS', String(frames.length)),
    element(0x0028, 0x0010, 'US', rows),
    element(0x0028, 0x0011, 'US', columns),
    element(0x0028, 0x0100, 'US', bitsAllocated),
    element(0x0028, 0x0101, 'US', bitsStored),
    element(0x0028, 0x0102, 'US', bitsStored - 1),
    element(0x0028, 0x0103, 'US', signed ? 1 : 0),
    pixelStart,
    item(Buffer.alloc(0)),
    ...frames.map(item),
    sequenceEnd,
  ];
  const magic = [Buffer.alloc(128), Buffer.from('DICM')];
  return Buffer.concat([...magic, element(0x0002, 0x0000, 'UL', length), ...meta, ...body]);
}

const pixelStart = Buffer.from([0xe0, 0x7f, 0x10, 0, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]);
const sequenceEnd = Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);

function item(bytes: Buffer): Buffer {
  const head = Buffer.from([0xfe, 0xff, 0, 0xe0, 0, 0, 0, 0]);
  head.writeUInt32LE(bytes.length + (bytes.length % 2), 4);
  return Buffer.concat([head, bytes, Buffer.alloc(bytes.length % 2)]);
}

function element(group: number, number: number, vr: string, value: string | number | Buffer): Buffer {
  const bytes = encoded(value, vr);
  const head = Buffer.alloc(8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(vr, 4, 'latin1');
  head.writeUInt16LE(bytes.length, 6);
  return Buffer.concat([head, bytes]);
}

function encoded(value: string | number | Buffer, vr: string): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'number') return Buffer.from([value & 0xff, value >> 8]);
  return Buffer.from(value.length % 2 === 0 ? value : `${value}${vr === 'UI' ? '\0' : ' '}`);
}
