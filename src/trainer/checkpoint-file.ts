import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type DivergenceWatch, nothingWatched } from '../domain/divergence.ts';
import { AutopilotError } from '../domain/errors.ts';

/** Everything a training needs to resume as if it had not been interrupted. */
export interface Checkpoint {
  /** Steps done. */
  step: number;
  /** Guards against resuming with another run's weights. */
  fingerprint: string;
  /** The training loop's own state. */
  progress: TrainingProgress;
  /** Weights first, then the optimizer's state. */
  tensors: { name: string; values: Float32Array }[];
}

export interface TrainingProgress {
  /** The current epoch, 0-based, and the seed that its slices are shuffled with. */
  shuffle: { seed: number; epoch: number };
  /** Sum of the losses of this epoch's steps so far. */
  lossSum: number;
  divergence: DivergenceWatch;
}

const magic = Buffer.from('GSCHECK1');
const hashBytes = 32;

/**
 * Writes magic, header length, header (JSON), values, and the SHA-256 of all that. The file gets its own name only when
 * whole: it is written under a temporary name, synced and renamed, and the folder is synced.
 */
export function writeCheckpoint(path: string, { tensors, ...rest }: Checkpoint): void {
  const shapes = tensors.map(({ name, values }) => ({ name, length: values.length }));
  const header = Buffer.from(JSON.stringify({ ...rest, tensors: shapes, bytes: sizeOf(tensors) }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const values = tensors.map(({ values: { buffer, byteOffset, byteLength } }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  const body = Buffer.concat([magic, length, header, ...values]);
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, 'w');
  try {
    writeAll(file, body);
    writeAll(file, createHash('sha256').update(body).digest());
    fsyncSync(file);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** Reads a checkpoint; refuses a file that is too short, too long or changed in any byte. */
export function readCheckpoint(path: string): Checkpoint {
  const data = readFileSync(path);
  if (data.length < magic.length + 4 + hashBytes || !data.subarray(0, magic.length).equals(magic)) {
    throw damaged(path, 'is not a checkpoint or was cut off');
  }
  const body = data.subarray(0, -hashBytes);
  if (!createHash('sha256').update(body).digest().equals(data.subarray(-hashBytes))) {
    throw damaged(path, 'does not match its checksum');
  }
  const start = magic.length + 4;
  const headerEnd = start + body.readUInt32LE(magic.length);
  const { tensors, bytes, progress, ...rest } = JSON.parse(body.subarray(start, headerEnd).toString()) as Header;
  if (body.length - headerEnd !== bytes) throw damaged(path, 'does not have the size given in its header');
  let from = headerEnd;
  return {
    ...rest,
    progress: upToDate(progress),
    tensors: tensors.map(({ name, length }) => {
      const values = new Float32Array(length);
      Buffer.from(values.buffer).set(body.subarray(from, from + length * 4));
      from += length * 4;
      return { name, values };
    }),
  };
}

interface Header extends Omit<Checkpoint, 'tensors' | 'progress'> {
  progress: TrainingProgress | EarlierProgress;
  tensors: { name: string; length: number }[];
  bytes: number;
}

/** The format from before `divergence`, when only the first epoch's loss was stored. */
interface EarlierProgress extends Omit<TrainingProgress, 'divergence'> {
  firstLoss: number | null;
}

function upToDate(progress: TrainingProgress | EarlierProgress): TrainingProgress {
  if ('divergence' in progress) return progress;
  const { shuffle, lossSum, firstLoss } = progress;
  return { shuffle, lossSum, divergence: { ...nothingWatched, firstLoss, scale: Math.abs(firstLoss ?? 0) } };
}

function sizeOf(tensors: Checkpoint['tensors']): number {
  return tensors.reduce((total, { values }) => total + values.byteLength, 0);
}

function writeAll(file: number, data: Buffer): void {
  for (let from = 0; from < data.length; ) from += writeSync(file, data, from);
}

function syncFolder(folder: string): void {
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function damaged(path: string, what: string): AutopilotError {
  return new AutopilotError('checkpoint.damaged', `${path} ${what}.`);
}
