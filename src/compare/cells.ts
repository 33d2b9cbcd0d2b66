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
  /** Left out: GreScale with the request's setting. */
  schedule?: ScheduleSpec;
}

export interface ComparisonCells {
  /** `<study>-compare`: its name in the store. */
  name: string;
  workers: number[];
  policies: ComparePolicy[];
  seeds: number;
  /** All runs known beforehand, in the order of training: a comparison that is cut short has whole repeats. */
  runs: CellRun[];
  /** Worker counts for which a study looks for a setting; its runs follow. */
  searches: number[];
}

/** What a comparison will train, from the study's config and its `compare` section. */
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

/** The runs that train the setting a study has found for k workers, with the seeds of every other cell. */
export function foundRuns(
  config: ResolvedStudyConfig,
  { policy, workers, setting }: { policy: 'guideline' | 'confirmed'; workers: number; setting: Setting },
): CellRun[] {
  const { seeds } = compareSection(config);
  return Array.from({ length: seeds }, (_, index) => cellRun({ config, policy, workers, repeat: index + 1, setting }));
}

/** The most runs a study for one worker count trains until it has found a setting, validating ones included. */
export function mostSearchRuns(config: ResolvedStudyConfig): number {
  const { iterations } = compareSection(config);
  return expectedDistributedRuns({ ...config, budget: { iterations } }).most;
}

/** `<study>-compare-k12`: the study that looks for a setting. */
export function searchName(config: ResolvedStudyConfig, workers: number): string {
  return `${config.name}-compare-k${workers}`;
}

/** The section with its defaults; they hold as well for a study that has none. */
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
    // One seed a repeat, whatever the cell: the same first weights and order of images stand side by side.
    seed: runSeed(config.seed, `compare-${repeat}`),
    ...(schedule === undefined ? {} : { schedule }),
  };
}

function defaultWorkers(workers: number): number[] {
  const counts = [workers / 4, workers / 2, workers].map((count) => Math.max(2, Math.round(count)));
  return [...new Set(counts)].sort((a, b) => a - b);
}
