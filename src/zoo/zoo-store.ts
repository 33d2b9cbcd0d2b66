import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { AutopilotError, messageOf } from '../domain/errors.ts';
import { isFolder, listFolder } from '../imgmed/reading/file-format.ts';
import { makeFolder } from '../protocol/files/make-folder.ts';
import {
  hashOf,
  readZooModel,
  requireWeights,
  type ZooModel,
  zooFiles,
  zooModel,
} from '../trainer/zoo-model/zoo-model.ts';

const entry = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
  description: z.string(),
  licence: z.string(),
  metrics: z.record(z.string(), z.number()),
  /** Checksum of each file of the model's folder. */
  files: z.record(z.enum(zooFiles), z.string().regex(/^[0-9a-f]{64}$/)),
});

/** `index.json` of a zoo: what `list` shows without opening any model. */
const zooIndex = z.strictObject({ format: z.literal(1), models: z.array(entry) });
export type ZooEntry = z.infer<typeof entry>;

function isRemote(zoo: string): boolean {
  return /^https?:\/\//.test(zoo);
}

/** The models of a zoo: a folder of model folders, or the http(s) address of one with an `index.json`. */
export async function listZoo(zoo: string): Promise<ZooEntry[]> {
  if (!isRemote(zoo)) {
    return listFolder(zoo)
      .filter((name) => isFolder(join(zoo, name)) && listFolder(join(zoo, name)).includes('model.json'))
      .map((name) => entryOf(join(zoo, name)));
  }
  const text = (await download(`${zoo.replace(/\/$/, '')}/index.json`)).toString();
  const parsed = zooIndex.safeParse(parseJson(text, zoo));
  if (parsed.success) return parsed.data.models;
  throw new AutopilotError(
    'zoo.index',
    `${zoo}/index.json: is not an index of format 1: ${parsed.error.issues[0]?.message}`,
  );
}

function entryOf(folder: string): ZooEntry {
  const { name, description, licence, metrics } = readZooModel(folder);
  const files = Object.fromEntries(zooFiles.map((file) => [file, hashOf(readFileSync(join(folder, file)))]));
  return { name, description, licence, metrics, files: files as ZooEntry['files'] };
}

/** Writes the folder's `index.json`, so that a web server can serve it as a zoo. */
export async function writeZooIndex(zoo: string): Promise<void> {
  const models = await listZoo(zoo);
  writeFileSync(join(zoo, 'index.json'), `${JSON.stringify({ format: 1, models }, null, 1)}\n`);
}

/** Copies a model out of a zoo into `target/NAME`, where it appears only once every file's checksum has matched. */
export async function pullModel(zoo: string, name: string, target: string): Promise<string> {
  const entries = await listZoo(zoo);
  const found = entries.find((model) => model.name === name);
  if (found === undefined) {
    const known = entries.map((model) => model.name).join(', ') || '(none)';
    throw new AutopilotError('zoo.unknownModel', `${zoo} has no model "${name}"; it has ${known}`);
  }
  const folder = join(target, name);
  if (isFolder(folder)) throw new AutopilotError('zoo.exists', `${folder}: already exists; remove it to pull again`);
  const unfinished = `${folder}.part`;
  rmSync(unfinished, { recursive: true, force: true });
  makeFolder(unfinished);
  let model: ZooModel | null = null;
  for (const file of zooFiles) {
    const data = isRemote(zoo)
      ? await download(`${zoo.replace(/\/$/, '')}/${name}/${file}`)
      : readFileSync(join(zoo, name, file));
    if (hashOf(data) !== found.files[file]) {
      rmSync(unfinished, { recursive: true });
      throw new AutopilotError(
        'zoo.damaged',
        `${zoo}: ${name}/${file} does not match its checksum; ask whoever maintains the zoo`,
      );
    }
    if (file === 'model.json') model = zooModel.parse(parseJson(data.toString(), `${name}/${file}`));
    if (file === 'weights.bin' && model !== null) requireWeights(`${name}/${file}`, data, model.weights);
    writeFileSync(join(unfinished, file), data);
  }
  renameSync(unfinished, folder);
  return folder;
}

async function download(address: string): Promise<Buffer> {
  let response: Response;
  try {
    response = await fetch(address, { signal: AbortSignal.timeout(600_000) });
  } catch (error) {
    throw new AutopilotError('zoo.unreachable', `${address}: cannot be reached: ${messageOf(error)}`, { cause: error });
  }
  if (!response.ok) {
    throw new AutopilotError(
      'zoo.unreachable',
      `${address}: the server answers ${response.status} ${response.statusText}`,
    );
  }
  return Buffer.from(await response.arrayBuffer());
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AutopilotError('zoo.index', `${where}: is not JSON: ${messageOf(error)}`, { cause: error });
  }
}
