import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { labelsPerImage } from '../task-shape.ts';
import type { Dataset, Split } from './dataset.ts';
import { decodeIntensities } from './decode.ts';
import { type SliceManifest, type StoredFile, sliceManifest } from './manifest.ts';

/** Reads a folder of slices; every file's size and checksum is compared with the manifest first. */
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
  const intensities = decodeIntensities(readStored(folder, images, pixels * manifest.channels.length), images);
  const unusable = intensities.findIndex((value) => !Number.isFinite(value));
  if (unusable >= 0) throw damaged(join(folder, images.file), `holds ${intensities[unusable]} at value ${unusable}`);
  const classNumbers = new Uint8Array(readStored(folder, labels, count * labelsPerImage(manifest)));
  const wrong = classNumbers.findIndex((value) => value >= manifest.classes.length);
  if (wrong >= 0) {
    throw damaged(
      join(folder, labels.file),
      `holds class ${classNumbers[wrong]} at label ${wrong}; the manifest names ${manifest.classes.length} classes (0 to ${manifest.classes.length - 1})`,
    );
  }
  return { count, images: intensities, labels: classNumbers, cases };
}

const bytesPerValue = { float16: 2, float32: 4, uint8: 1 } as const;

function readStored(folder: string, stored: StoredFile, values: number): Buffer {
  const path = join(folder, stored.file);
  let data: Buffer;
  try {
    data = readFileSync(path);
  } catch (thrown) {
    throw new AutopilotError('data.file', `${path} cannot be read: ${messageOf(thrown)}. Make the slices again.`, {
      cause: thrown,
    });
  }
  const expected = values * bytesPerValue[stored.dtype];
  if (stored.bytes !== expected) {
    throw damaged(path, `should have ${expected} bytes by its shape, the manifest says ${stored.bytes}`);
  }
  if (data.length !== expected) throw damaged(path, `has ${data.length} bytes instead of ${expected}`);
  if (createHash('sha256').update(data).digest('hex') !== stored.sha256) {
    throw damaged(path, 'does not have the checksum of its manifest');
  }
  return data;
}

function damaged(path: string, what: string): AutopilotError {
  return new AutopilotError('data.damaged', `${path} ${what}. Copy or make the slices again.`);
}
