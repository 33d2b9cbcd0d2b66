import type { ScheduleSpec } from '../../schedules/index.ts';
import type { ResolvedStudyConfig } from '../config/resolve.ts';
import type { CompareConfig, ComparePolicy } from '../config/sections/compare.ts';
import { compareConfig } from '../config/sections/compare.ts';
import type { Setting } from '../domain/setting.ts';
import type { RunRequest } from '../domain/study.ts';
import { settingOf } from '../engine/plans/guideline-input.ts';
import { runSeed } from '../engine/run/run-seed.ts';
import { expectedDistributedRuns } from '../report/composed-study/composed-study.ts';
import { isFixed, policyTraining } from './policies.ts';

/** One run of the comparison: a policy, a worker count and a repeat. */
export interface CellRun {
  request: RunRequest;
  policy: ComparePolicy | 'baseline';
  seed: number;
  /** By default GreScale with the request's setting. */
  schedule?: ScheduleSpec;
}

export interface ComparisonCells {
  /** The comparison's name in the store: `<study>-compare`. */
  name: string;
  workers: number[];
  policies: ComparePolicy[];
  seeds: number;
  /** All runs known in advance, in training order, so that a comparison cut short consists of whole repeats. */
  runs: CellRun[];
  /** Worker counts for which a study searches for a setting; the runs that train it are added once it is found. */
  searches: number[];
}

/** The runs of a comparison, from the study's config and its `compare` section. */
export function comparisonCells(config: ResolvedStudyConfig): ComparisonCells {
  const { policies, seeds, ...compare } = compareSection(config);
  const workers = compare.workers ?? defaultWorkers(config.workers);
  const repeats = Array.from({ length: seeds }, (_, index) => index + 1);
  const baseline = repeats.map((repeat) =>
    cellRun({ config, policy: 'baseline', workers: 1, repeat, setting: settingOf(config) }),
  );
  const fixed = policies.filter(isFixed);
  const cells = repeats.flatMap((repeat) =>
    workers.flatMap((k) =>
      fixed.map((policy) => cellRun({ config, policy, workers: k, repeat, ...policyTraining(policy, config, k) })),
    ),
  );
  return {
    name: `${config.name}-compare`,
    workers,
    policies,
    seeds,
    runs: [...baseline, ...cells],
    searches: policies.includes('guideline') ? workers : [],
  };
}

/** The runs that train the setting a study has found for k workers, with the same seeds as every other cell. */
export function foundRuns(
  config: ResolvedStudyConfig,
  { policy, workers, setting }: { policy: 'guideline' | 'confirmed'; workers: number; setting: Setting },
): CellRun[] {
  const { seeds } = compareSection(config);
  return Array.from({ length: seeds }, (_, index) => cellRun({ config, policy, workers, repeat: index + 1, setting }));
}

/** Maximum number of runs that the search for one worker count trains, validating ones included. */
export function mostSearchRuns(config: ResolvedStudyConfig): number {
  const { iterations } = compareSection(config);
  return expectedDistributedRuns({ ...config, budget: { iterations } }).most;
}

/** Name of the study that searches for a setting for one worker count: `<study>-compare-k12`. */
export function searchName(config: ResolvedStudyConfig, workers: number): string {
  return `${config.name}-compare-k${workers}`;
}

/** The `compare` section with its defaults, which also apply to a study without the section. */
export function compareSection({ compare }: ResolvedStudyConfig): CompareConfig {
  return compare ?? compareConfig.parse({});
}

function cellRun(options: {
  config: ResolvedStudyConfig;
  policy: CellRun['policy'];
  workers: number;
  repeat: number;
  setting: RunRequest['setting'];
  schedule?: ScheduleSpec;
}): CellRun {
  const { config, policy, workers, repeat, setting, schedule } = options;
  const kind = policy === 'baseline' ? 'baseline' : 'iteration';
  const key = policy === 'baseline' ? `baseline-${repeat}` : `${policy}-k${workers}-${repeat}`;
  return {
    policy,
    request: { key, kind, iteration: null, repeat, workers, setting },
    // One seed per repeat, shared by all cells, so that they have the same initial weights and order of images.
    seed: runSeed(config.seed, `compare-${repeat}`),
    ...(schedule === undefined ? {} : { schedule }),
  };
}

function defaultWorkers(workers: number): number[] {
  const counts = [workers / 4, workers / 2, workers].map((count) => Math.max(2, Math.round(count)));
  return [...new Set(counts)].sort((a, b) => a - b);
}
