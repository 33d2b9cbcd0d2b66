import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { modelConfig } from '../../config/sections/model.ts';
import { prepConfig } from '../../config/sections/prep.ts';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** `model.json` of a zoo model, format 1. Beside it are `weights.bin` and the card, `README.md`. */
export const zooModel = z.strictObject({
  format: z.literal(1),
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, ".", "-" and "_"'),
  description: z.string(),
  licence: z.string().min(1),
  /** The study's model section; null for imported weights, which start other models but predict nothing themselves. */
  architecture: modelConfig.nullable(),
  /** Name of the model whose weights it started from (`model.initFrom`): it has learned from that model's data too. */
  startedFrom: z.string().optional(),
  /** What the model was trained on; null for imported weights. */
  input: z
    .strictObject({
      height: z.int().min(1),
      width: z.int().min(1),
      channels: z.array(z.string()),
      classes: z.array(z.string()),
      /** The data set's own value of each class, used in predicted masks; left out: they hold class numbers. */
      labelValues: z.array(z.int()).optional(),
    })
    .refine(
      ({ classes, labelValues }) => labelValues === undefined || labelValues.length === classes.length,
      'labelValues must have one value per class',
    )
    .nullable(),
  /** The pipeline that made its slices; null when it was trained on slices of unknown origin. */
  preprocessing: prepConfig.nullable(),
  /** Results on the test part, or on the first evaluated part if the test part was not evaluated: see `parts`. */
  metrics: z.record(z.string(), z.number()),
  /** Results on each part of the data, by class where the run reported them; models of earlier versions have none. */
  parts: z
    .array(
      z.strictObject({
        split: z.string(),
        metrics: z.record(z.string(), z.number()),
        classes: z.record(z.string(), z.record(z.string(), z.number())).optional(),
      }),
    )
    .optional(),
  /** The study and run that the weights come from. */
  study: z.strictObject({ id: z.string(), run: z.string(), data: z.string() }).nullable(),
  weights: z.strictObject({
    bytes: z.int().min(0),
    sha256,
    /** In the order of `weights.bin`: 32-bit floats, little endian. */
    tensors: z.array(z.strictObject({ name: z.string(), shape: z.array(z.int().min(0)) })),
  }),
});

export type ZooModel = z.infer<typeof zooModel>;

/** The values of one weight, with the name and shape that a transfer looks for. */
export interface NamedWeight {
  name: string;
  shape: number[];
  values: Float32Array;
}

export const zooFiles = ['model.json', 'weights.bin', 'README.md'] as const;

export function hashOf(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Writes a model folder, which appears under its name only once complete. */
export function writeZooModel(
  folder: string,
  model: Omit<ZooModel, 'weights' | 'format'>,
  weights: readonly NamedWeight[],
  card: string,
): ZooModel {
  if (existsSync(folder)) {
    throw new AutopilotError(
      'zoo.exists',
      `${folder}: a model of this name already exists; choose another name or remove it`,
    );
  }
  const data = Buffer.concat(weights.map(({ values: v }) => Buffer.from(v.buffer, v.byteOffset, v.byteLength)));
  const tensors = weights.map(({ name, shape }) => ({ name, shape }));
  const whole = parseModel(
    { format: 1, ...model, weights: { bytes: data.length, sha256: hashOf(data), tensors } },
    folder,
  );
  const unfinished = `${folder}.part`;
  rmSync(unfinished, { recursive: true, force: true });
  makeFolder(unfinished);
  writeFileSync(join(unfinished, 'weights.bin'), data);
  writeFileSync(join(unfinished, 'model.json'), `${JSON.stringify(whole, null, 1)}\n`);
  writeFileSync(join(unfinished, 'README.md'), card);
  renameSync(unfinished, folder);
  return whole;
}

function parseModel(value: unknown, where: string): ZooModel {
  const parsed = zooModel.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new AutopilotError('zoo.model', `${where}: is not a zoo model of format 1: ${problems.join('; ')}`);
}

export function readZooModel(folder: string): ZooModel {
  const path = join(folder, 'model.json');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new AutopilotError(
      'zoo.model',
      `${path}: cannot be read: ${messageOf(error)}; name the folder of a zoo model`,
      {
        cause: error,
      },
    );
  }
  return parseModel(value, path);
}

/** Reads the weights of a model folder after checking their size and checksum. */
export function readZooWeights(folder: string, { weights }: ZooModel = readZooModel(folder)): NamedWeight[] {
  const path = join(folder, 'weights.bin');
  const data = readFileSync(path);
  requireWeights(path, data, weights);
  const floats = new Float32Array(data.length / 4);
  Buffer.from(floats.buffer).set(data);
  let offset = 0;
  return weights.tensors.map(({ name, shape }) => {
    const length = shape.reduce((product, axis) => product * axis, 1);
    const values = floats.slice(offset, offset + length);
    offset += length;
    return { name, shape, values };
  });
}

export function requireWeights(
  path: string,
  data: Uint8Array,
  { bytes, sha256: expected, tensors }: ZooModel['weights'],
): void {
  const promised = tensors.reduce((sum, { shape }) => sum + 4 * shape.reduce((product, axis) => product * axis, 1), 0);
  if (data.length !== bytes || promised !== bytes || hashOf(data) !== expected) {
    throw new AutopilotError(
      'zoo.damaged',
      `${path}: does not match the size and checksum in its model.json; pull the model again`,
    );
  }
}
