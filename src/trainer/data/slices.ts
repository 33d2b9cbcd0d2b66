import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { readInParts } from '../../protocol/files/read-in-parts.ts';
import { labelsPerImage } from '../task-shape.ts';
import type { Dataset, Split } from './dataset.ts';
import { bytesPerValue, decodeIntensities } from './decode.ts';
import { type SliceManifest, type StoredFile, sliceManifest } from './manifest.ts';

/** Reads a folder of slices and compares every file's size and checksum with the manifest. */
export function loadSlices(folder: string): Dataset {
  const manifest = readManifest(folder);
  const splits: Record<string, Split> = {};
  for (const name of Object.keys(manifest.splits)) splits[name] = readSplit(folder, manifest, name);
  const { train, test } = splits;
  if (train === undefined || test === undefined) {
    throw damaged(folder, `has the splits ${Object.keys(splits).join(', ') || '(none)'}; it needs train and test`);
  }
  const { name, task, height, width, channels, classes } = manifest;
  return { name, task, height, width, channels: channels.length, classes, splits: { ...splits, train, test } };
}

export function readManifest(folder: string): SliceManifest {
  const path = join(folder, 'manifest.json');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    throw new AutopilotError(
      'data.manifest',
      `${path} cannot be read: ${messageOf(thrown)}. data.path must name a folder with a manifest.json.`,
      { cause: thrown },
    );
  }
  const parsed = sliceManifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path: field, message }) => `${field.join('.') || 'manifest'}: ${message}`,
  );
  throw damaged(path, `is not a slice manifest of format 1: ${problems.join('; ')}`);
}

function readSplit(folder: string, manifest: SliceManifest, name: string): Split {
  const { count, images, labels, cases } = manifest.splits[name]!;
  const pixels = count * manifest.height * manifest.width;
  if (cases.length !== count) {
    throw damaged(folder, `names ${cases.length} cases for the ${count} slices of split ${name}`);
  }
  const intensities = new Float32Array(pixels * manifest.channels.length);
  readStored(folder, images, intensities);
  const unusable = intensities.findIndex((value) => !Number.isFinite(value));
  if (unusable >= 0) throw damaged(join(folder, images.file), `holds ${intensities[unusable]} at value ${unusable}`);
  const classNumbers = new Uint8Array(count * labelsPerImage(manifest));
  readStored(folder, labels, classNumbers);
  const wrong = classNumbers.findIndex((value) => value >= manifest.classes.length);
  if (wrong >= 0) {
    throw damaged(
      join(folder, labels.file),
      `holds class ${classNumbers[wrong]} at label ${wrong}; the manifest names ${manifest.classes.length} classes (0 to ${manifest.classes.length - 1})`,
    );
  }
  return { count, images: intensities, labels: classNumbers, cases };
}

/** Fills `into` with the values of a stored file of any size, reading it in chunks. */
function readStored(folder: string, stored: StoredFile, into: Float32Array | Uint8Array): void {
  const path = join(folder, stored.file);
  const bytesEach = bytesPerValue[stored.dtype];
  const expected = into.length * bytesEach;
  if (stored.bytes !== expected) {
    throw damaged(path, `should have ${expected} bytes by its shape, but the manifest says ${stored.bytes}`);
  }
  const size = fromFile(path, () => statSync(path).size);
  if (size !== expected) throw damaged(path, `has ${size} bytes instead of ${expected}`);
  const hash = createHash('sha256');
  fromFile(path, () =>
    readInParts(path, (part, at) => {
      hash.update(part);
      if (into instanceof Float32Array) decodeIntensities(part, stored, into, at / bytesEach);
      else into.set(part, at);
    }),
  );
  if (hash.digest('hex') !== stored.sha256) throw damaged(path, 'does not match the checksum in its manifest');
}

function fromFile<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw new AutopilotError('data.file', `${path} cannot be read: ${messageOf(cause)}. Make the slices again.`, {
      cause,
    });
  }
}

function damaged(path: string, what: string): AutopilotError {
  return new AutopilotError('data.damaged', `${path} ${what}. Copy or make the slices again.`);
}
