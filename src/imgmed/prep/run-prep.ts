import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { AutopilotError } from '../../domain/errors.ts';
import { count } from '../../domain/text/format.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';
import { ownFile } from '../../protocol/own-file.ts';
import { type ClassMap, labelValuesOf } from '../class-map.ts';
import type { CaseList, ScanCase } from '../datasets/case-list.ts';
import { bytesOf } from '../reading/file-format.ts';
import { type SplitName, splitNames } from '../split-patients.ts';
import { runInWorkers } from '../workers/worker-pool.ts';
import type { CachedCase } from './case-cache.ts';
import { failed, planPrep } from './plan-prep.ts';
import type { PrepSettings } from './prep-settings.ts';
import type { PrepTask } from './prep-worker.ts';
import { sameScans } from './same-scans.ts';
import { type WrittenSplit, writeJson, writeSplit } from './write-slices.ts';

export interface PrepProgress {
  done: number;
  total: number;
  id: string;
  /** Whether the case came from the cache, without any work. */
  reused: boolean;
  failure: string | null;
}

export interface RunPrepOptions {
  /** Worker threads; each holds one case in memory. */
  workers?: number;
  onProgress?: (progress: PrepProgress) => void;
  signal?: AbortSignal;
}

export interface PrepResult {
  output: string;
  splits: Partial<Record<SplitName, { cases: number; slices: number }>>;
  reused: number;
  /** Cases that are left out, whatever the reason. */
  failures: { id: string; reason: string }[];
  /** Warnings about the data set, one sentence each. */
  problems: string[];
  /** What was requested but is missing from the slices: cases, a part of the split, a class. One sentence each. */
  lacking: string[];
}

/** Prepares a data set: cases in worker threads, then one folder of slices with its manifest and its splits. */
export async function runPrep(
  config: PrepSettings,
  { workers = availableParallelism(), onProgress, signal }: RunPrepOptions = {},
): Promise<PrepResult> {
  const { list, cases, left, division, problems, tasks: planned, classMap } = await planPrep(config);
  const cacheFolder = join(config.output, '.cache');
  makeFolder(cacheFolder);
  const tasks = planned.map((task): PrepTask => ({ ...task, cacheFolder }));
  let done = 0;
  const results = await runInWorkers<PrepTask, CachedCase>({
    script: ownFile('imgmed/prep/prep-worker'),
    tasks,
    workers,
    timeoutMs: config.caseTimeoutS * 1000,
    sizeOf: ({ scanCase }) => bytesOf(scanCase.images),
    ...(signal === undefined ? {} : { signal }),
    onResult: (result, index) => {
      done += 1;
      const failure = result.state === 'failed' ? result.reason : null;
      if (failure !== null && config.failedCases === 'stop') throw failed(cases[index]!, failure);
      const reused = result.state === 'done' && result.value.reused;
      onProgress?.({ done, total: cases.length, id: cases[index]!.id, reused, failure });
    },
  });
  const failures = results.flatMap((result, index) =>
    result.state === 'failed' ? [{ id: cases[index]!.id, reason: result.reason }] : [],
  );
  const prepared = results.flatMap((result, index) =>
    result.state === 'done' ? [{ scanCase: cases[index]!, cached: result.value }] : [],
  );
  if (prepared.length === 0) throw failed(cases[0]!, failures[0]!.reason);
  const same = sameScans(
    prepared.map(({ scanCase, cached }) => ({ scanCase, voxelHash: cached.voxelHash })),
    division.patients,
  );
  const [copy] = same.left;
  if (copy !== undefined && config.failedCases === 'stop') throw failed(copy, copy.reason);
  const made = prepared.filter(({ scanCase }) => !same.left.some(({ id }) => id === scanCase.id));
  failures.push(...left, ...same.left);
  const values = undeclaredValues(classMap, made);
  const written = writeSplits(config, cacheFolder, division.patients, made);
  writeJson(join(config.output, 'splits.json'), { seed: config.seed, ...division });
  writeManifest(config, list, classMap, written, made[0]!.cached, values);
  return {
    output: config.output,
    splits: Object.fromEntries(
      Object.entries(written).map(([name, { split, cases: count }]) => [name, { cases: count, slices: split.count }]),
    ),
    reused: made.filter(({ cached }) => cached.reused).length,
    failures,
    problems: [
      ...problems,
      ...same.problems,
      ...(config.failedCases === 'skip' ? list.shortfalls : []),
      ...leftOut(classMap, made),
    ],
    lacking: [
      ...lacking(config, classMap, division.patients, made),
      ...(config.failedCases === 'skip' ? [] : [...list.shortfalls, ...incomplete(failures)]),
    ],
  };
}

function incomplete(failures: readonly { id: string }[]): string[] {
  if (failures.length === 0) return [];
  const ids = failures.map(({ id }) => id);
  const some = ids.length > 4 ? `${ids.slice(0, 4).join(', ')} and ${ids.length - 4} more` : ids.join(', ');
  return [`the slices lack ${some}; repair these cases, or set failedCases: skip to continue without them`];
}

/** Values of background and foreground where none are declared: masks must agree on the one value besides 0. */
function undeclaredValues({ others }: ClassMap, made: readonly Made[]): number[] | null {
  if (others !== 1) return null;
  const values = [...new Set(made.flatMap(({ cached }) => cached.labelValues.filter((value) => value !== 0)))];
  if (values.length > 1) {
    const by = values.map(
      (value) => `${value} in ${made.find(({ cached }) => cached.labelValues.includes(value))!.scanCase.id}`,
    );
    throw new AutopilotError(
      'image.labels',
      `the masks hold different label values (${by.slice(0, 4).join(', ')}), and nothing says what they stand for; name them under "classes" in the prep config`,
    );
  }
  return values.length === 1 ? [0, values[0]!] : null;
}

/** Warns about label values that the config's classes do not name, and that became background. */
function leftOut({ values, others }: ClassMap, made: readonly Made[]): string[] {
  if (others !== 0) return [];
  const named = new Set([0, ...values.map(([value]) => value)]);
  const cases = made.filter(({ cached }) => cached.labelValues.some((value) => !named.has(value)));
  const left = [...new Set(cases.flatMap(({ cached }) => cached.labelValues))].filter((value) => !named.has(value));
  if (left.length === 0) return [];
  const some = left
    .sort((a, b) => a - b)
    .slice(0, 8)
    .join(', ');
  return [
    `label values ${some}${left.length > 8 ? ', …' : ''} of ${cases.length} cases are in no class and became background`,
  ];
}

function lacking(
  { split }: PrepSettings,
  { classes }: ClassMap,
  patients: Record<string, SplitName>,
  made: readonly Made[],
): string[] {
  const pixels = (entries: readonly Made[], label: number) =>
    entries.reduce((sum, { cached }) => sum + cached.classPixels[label]!, 0);
  const of = (name: SplitName) =>
    made.filter(({ scanCase, cached }) => patients[scanCase.patient] === name && cached.count > 0);
  const parts = splitNames.flatMap((name) =>
    split[name] > 0 && of(name).length === 0 && (name !== 'validation' || split.folds === undefined)
      ? [`no slice is in the ${name} part, although split.${name} asks for some; add cases, or set split.${name}: 0`]
      : [],
  );
  const training = of('train');
  const absent = classes.flatMap((name, label) =>
    training.length > 0 && pixels(training, label) === 0
      ? [`class "${name}" has no pixel in the training slices; check its label values, or leave it out`]
      : [],
  );
  return [...parts, ...absent];
}

interface Made {
  scanCase: ScanCase;
  cached: CachedCase;
}

type Written = Partial<Record<SplitName, { split: WrittenSplit; cases: number }>>;

function writeSplits(
  { output, dtype }: PrepSettings,
  cacheFolder: string,
  patients: Record<string, SplitName>,
  made: readonly Made[],
): Written {
  const odd = made.find(({ cached }) => cached.channels !== made[0]!.cached.channels);
  if (odd !== undefined) {
    throw new AutopilotError(
      'prep.channels',
      `case ${odd.scanCase.id} has ${count(odd.cached.channels, 'channel')}, case ${made[0]!.scanCase.id} has ${made[0]!.cached.channels}; name "channels" that all cases have`,
    );
  }
  const written: Written = {};
  for (const name of splitNames) {
    const cached = made.filter(({ scanCase }) => patients[scanCase.patient] === name).map((entry) => entry.cached);
    if (!cached.some(({ count }) => count > 0)) continue;
    written[name] = { split: writeSplit(output, cacheFolder, name, cached, dtype), cases: cached.length };
  }
  return written;
}

function writeManifest(
  config: PrepSettings,
  list: CaseList,
  classMap: ClassMap,
  written: Written,
  first: CachedCase,
  undeclared: number[] | null,
): void {
  const { output, input, size, channels } = config;
  const labelValues = undeclared ?? labelValuesOf(classMap);
  const named = channels?.map((channel) => (typeof channel === 'number' ? list.channels[channel] : channel));
  const names = Array.from({ length: first.channels }, (_, index) => {
    return (named ?? list.channels)[index] ?? `channel ${index}`;
  });
  writeJson(join(output, 'manifest.json'), {
    format: 1,
    name: config.name ?? list.name,
    height: size.height,
    width: size.width,
    channels: names,
    classes: classMap.classes,
    ...(labelValues === null ? {} : { labelValues }),
    spacingMm: first.spacingMm,
    source: config.source ?? input,
    ...(config.acquisition === undefined ? {} : { acquisition: config.acquisition }),
    licence: config.licence ?? (list.licence || 'unknown'),
    madeBy: 'autopilot prep',
    // By number: whoever predicts with these steps has scans, but not this data set's channel names.
    prep: {
      ...config,
      channels: channels?.map((channel) => (typeof channel === 'number' ? channel : list.channels.indexOf(channel))),
    },
    splits: Object.fromEntries(Object.entries(written).map(([name, { split }]) => [name, split])),
  });
}
