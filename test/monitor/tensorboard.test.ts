import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTensorBoardWriter } from '../../src/monitor/tensorboard.ts';

const scratch = () => mkdtempSync(join(tmpdir(), 'autopilot-tb-'));

/** CRC-32C bit by bit: polynomial 0x1EDC6F41, reflected. */
function slowCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** The records of an event file, by the published TFRecord format; throws when a checksum is wrong. */
function readRecords(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    if (file.readUInt32LE(at + 8) !== masked(slowCrc32c(file.subarray(at, at + 8)))) throw new Error('length checksum');
    const data = file.subarray(at + 12, at + 12 + length);
    if (file.readUInt32LE(at + 12 + length) !== masked(slowCrc32c(data))) throw new Error('data checksum');
    records.push(data);
    at += 16 + length;
  }
  return records;
}

describe('the TensorBoard event file', () => {
  it('begins with the version record', () => {
    const { path } = openTensorBoardWriter({ directory: scratch(), timeMs: 1_700_000_000_000 });
    const [first] = readRecords(readFileSync(path));
    expect(first?.readDoubleLE(1)).toBe(1_700_000_000);
    expect(first?.toString('latin1')).toContain('brain.Event:2');
  });

  it('has right checksums and the written tag, step, time and value, byte by byte', () => {
    const writer = openTensorBoardWriter({ directory: scratch(), timeMs: 0 });
    writer.scalar('dice', 0.5, { step: 300, timeMs: 2500 });
    const [, record] = readRecords(readFileSync(writer.path));
    const expected = Buffer.concat([
      Buffer.from([0x09]),
      doubleBytes(2.5), // wall_time
      Buffer.from([0x10, 0xac, 0x02]), // step 300
      Buffer.from([0x2a, 13, 0x0a, 11, 0x0a, 4]),
      Buffer.from('dice'), // summary, value, tag
      Buffer.from([0x15, 0x00, 0x00, 0x00, 0x3f]), // simple_value 0.5
    ]);
    expect(record).toEqual(expected);
  });

  it('keeps every record of any tags and values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ tag: fc.string(), value: fc.float(), step: fc.nat() }), { maxLength: 20 }),
        (points) => {
          const writer = openTensorBoardWriter({ directory: scratch(), timeMs: 0 });
          for (const { tag, value, step } of points) writer.scalar(tag, value, { step, timeMs: 0 });
          expect(readRecords(readFileSync(writer.path))).toHaveLength(points.length + 1);
        },
      ),
      { numRuns: 50 },
    );
  });
});

function doubleBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}
