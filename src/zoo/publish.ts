import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ModelConfig, modelConfig } from '../config/sections/model.ts';
import { prepConfig } from '../config/sections/prep.ts';
import { AutopilotError, messageOf } from '../domain/errors.ts';
import type { Metrics } from '../domain/metric/metrics.ts';
import { findRunDirectory } from '../protocol/run-directory.ts';
import { type RunSpec, runSpec } from '../protocol/run-spec.ts';
import { trainerEvent } from '../protocol/trainer-event.ts';
import { readCheckpoint } from '../trainer/checkpoint-file.ts';
import type { SliceManifest } from '../trainer/data/manifest.ts';
import { readManifest } from '../trainer/data/slices.ts';
import { buildModel } from '../trainer/models/build-model.ts';
import { type NamedWeight, writeZooModel, type ZooModel } from '../trainer/zoo-model/zoo-model.ts';
import { type CardData, modelCard } from './model-card.ts';
import { writeZooIndex } from './zoo-store.ts';

export interface PublishOptions {
  /** Run directory of a finished run of the embedded trainer; the digits at its end may be left out. */
  run: string;
  zoo: string;
  name: string;
  description: string;
  licence: string;
  /** What the model must not be used for, for its card. */
  limits?: string | undefined;
}

/** Puts a finished run's model into a zoo folder, with everything needed to predict with it. */
export async function publishModel({
  run: path,
  zoo,
  name,
  description,
  licence,
  limits,
}: PublishOptions): Promise<ZooModel> {
  const run = findRunDirectory(path);
  const spec = readSpec(run);
  const { initFrom, ...architecture } = modelConfig.parse(spec.model);
  const data = spec.data.path;
  if (spec.data.kind !== 'slices' || typeof data !== 'string') {
    throw new AutopilotError(
      'zoo.data',
      `${run}: was not trained on a folder of slices; only such models can be published`,
    );
  }
  const manifest = readManifest(data);
  const parsed = prepConfig.safeParse(manifest.prep);
  if (manifest.prep !== undefined && !parsed.success) {
    throw new AutopilotError(
      'zoo.data',
      `${data}/manifest.json: its prep cannot be read (${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}), and without it no scan can be predicted; run "autopilot prep" again`,
    );
  }
  const parts = readParts(run);
  const model: Omit<ZooModel, 'weights' | 'format'> = {
    name,
    description,
    licence,
    architecture,
    ...(initFrom === undefined ? {} : { startedFrom: basename(initFrom) }),
    input: inputOf(manifest),
    // Paths of scans and models are private.
    preprocessing: parsed.success ? { ...parsed.data, input: '.', output: '.' } : null,
    metrics: parts[0]?.metrics ?? {},
    parts,
    study: { id: spec.studyId, run: spec.runId, data: manifest.name },
  };
  const weights = readWeights(run, architecture, manifest);
  const written = writeZooModel(
    join(zoo, name),
    model,
    weights,
    modelCard(model, weights, { data: dataOf(manifest), limits }),
  );
  await writeZooIndex(zoo);
  return written;
}

function dataOf({ source, acquisition, licence, splits }: SliceManifest): CardData {
  const parts = Object.entries(splits).map(([split, { count, cases }]) => {
    const own = new Set(cases.map((id) => id.replace(/-[xyz]\d+(-a\d+)?$/, '')));
    return { split, slices: count, cases: own.size };
  });
  return { source, acquisition, licence, parts };
}

function inputOf({ height, width, channels, classes, labelValues }: SliceManifest): NonNullable<ZooModel['input']> {
  return { height, width, channels, classes, ...(labelValues === undefined ? {} : { labelValues }) };
}

function readSpec(run: string): RunSpec {
  const file = join(run, 'run.json');
  try {
    return runSpec.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new AutopilotError('zoo.run', `${file}: is not an autopilot run: ${messageOf(error)}`, { cause: error });
  }
}

/** The weights, with their shapes taken from the built model. */
function readWeights(run: string, architecture: ModelConfig, manifest: SliceManifest): NamedWeight[] {
  const file = join(run, 'weights.bin');
  let stored: Map<string, Float32Array>;
  try {
    stored = new Map(readCheckpoint(file).tensors.map(({ name, values }) => [name, values]));
  } catch (error) {
    throw new AutopilotError('zoo.run', `${file}: ${messageOf(error)}; publish a finished run`, { cause: error });
  }
  const { height, width, classes, channels } = manifest;
  const model = buildModel(architecture, { height, width, classes, channels: channels.length }, 0);
  const weights = model.weights.map((weight) => ({ name: weight.originalName, shape: weight.shape as number[] }));
  model.dispose();
  return weights.map(({ name, shape }) => {
    const values = stored.get(name);
    if (values === undefined)
      throw new AutopilotError('zoo.run', `${file}: lacks the weight ${name}; it belongs to another model`);
    return { name, shape, values };
  });
}

/** The last evaluation of each part in the events of the run's last attempt, the test part first. */
function readParts(run: string): NonNullable<ZooModel['parts']> {
  const parts = new Map<string, NonNullable<ZooModel['parts']>[number]>();
  for (const line of readFileSync(join(run, 'events.ndjson'), 'utf8').split('\n')) {
    if (line.includes('"attempt"') && parseLine(line)?.type === 'attempt') parts.clear();
    if (!line.includes('"evaluation"')) continue;
    const parsed = trainerEvent.safeParse(parseLine(line));
    if (!parsed.success || parsed.data.type !== 'evaluation') continue;
    const { split = 'test', metrics, classes } = parsed.data;
    const byClass = Object.entries(classes ?? {}).map(([name, each]) => [name, finite(each)]);
    parts.set(split, {
      split,
      metrics: finite(metrics),
      ...(classes === undefined ? {} : { classes: Object.fromEntries(byClass) }),
    });
  }
  if (parts.size === 0) throw new AutopilotError('zoo.run', `${run}: has no evaluation; publish a finished run`);
  return [...parts.values()].sort((a, b) => Number(b.split === 'test') - Number(a.split === 'test'));
}

function finite(metrics: Metrics): Metrics {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
}

function parseLine(line: string): { type?: unknown } | null {
  try {
    return JSON.parse(line) as { type?: unknown } | null;
  } catch {
    return null;
  }
}
