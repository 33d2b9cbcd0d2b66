import { appendFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import protobuf from 'protobufjs/minimal.js';
import { makeFolder } from '../protocol/files/make-folder.ts';

export interface TensorBoardWriter {
  /** Adds one value of a scalar plot. `step` is an integer, `timeMs` milliseconds since 1970. */
  scalar(tag: string, value: number, at: { step: number; timeMs: number }): void;
  readonly path: string;
}

export interface TensorBoardWriterOptions {
  /** Folder of one run; TensorBoard shows each folder as a run of its own. */
  directory: string;
  /** Start of the run, milliseconds since 1970: part of the file's name. */
  timeMs: number;
}

/**
 * Writes an event file that TensorBoard reads: TFRecords (length, CRC, bytes, CRC) of `tensorflow.Event` messages.
 * Each call appends one whole record, so a reader never sees half of one for long.
 */
export function openTensorBoardWriter({ directory, timeMs }: TensorBoardWriterOptions): TensorBoardWriter {
  makeFolder(directory);
  const path = join(directory, `events.out.tfevents.${Math.floor(timeMs / 1000)}.${hostname()}.autopilot`);
  const append = (event: Uint8Array) => appendFileSync(path, tfRecord(event));
  append(versionEvent(timeMs));
  return {
    path,
    scalar: (tag, value, at) => append(scalarEvent(tag, value, at)),
  };
}

// Field numbers of tensorflow/core/util/event.proto and framework/summary.proto, shifted by the wire type.
const field = (number: number, wireType: 0 | 1 | 2 | 5) => (number << 3) | wireType;

function versionEvent(timeMs: number): Uint8Array {
  return protobuf.Writer.create()
    .uint32(field(1, 1))
    .double(timeMs / 1000)
    .uint32(field(3, 2))
    .string('brain.Event:2')
    .finish();
}

function scalarEvent(tag: string, value: number, { step, timeMs }: { step: number; timeMs: number }): Uint8Array {
  return protobuf.Writer.create()
    .uint32(field(1, 1))
    .double(timeMs / 1000)
    .uint32(field(2, 0))
    .int64(step)
    .uint32(field(5, 2))
    .fork() // summary
    .uint32(field(1, 2))
    .fork() // value
    .uint32(field(1, 2))
    .string(tag)
    .uint32(field(2, 5))
    .float(value)
    .ldelim()
    .ldelim()
    .finish();
}

/** A record with its two masked CRC-32Cs (TFRecord format of the TensorFlow documentation). */
function tfRecord(data: Uint8Array): Buffer {
  const record = Buffer.alloc(8 + 4 + data.length + 4);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc(record.subarray(12, 12 + data.length)), 12 + data.length);
  return record;
}

function maskedCrc(bytes: Buffer): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
