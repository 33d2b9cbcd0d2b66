import type { RunRecord } from '../../../db/index.ts';
import type { ScheduleSpec } from '../../../schedules/spec.ts';
import { lrPerEpoch } from '../../../schedules/table.ts';
import { configuredMetrics, metricNames } from '../../config/decision-metrics.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { processesFor } from '../../config/sections/processes.ts';
import { withoutSecrets } from '../../domain/secrets.ts';
import { epochsOf } from '../../domain/setting.ts';
import type { RunRequest } from '../../domain/study.ts';
import { protocolVersion, type RunSpec } from '../../protocol/run-spec.ts';
import type { WantedParts } from '../attempt/deciding-parts.ts';
import { threadsPerRank } from './threads-per-rank.ts';

export interface RunSpecOptions {
  config: ResolvedStudyConfig;
  /** Absent if nothing is stored. */
  store?: RunSpec['store'];
  run: RunRequest & Pick<RunRecord, 'id' | 'studyId' | 'seed'>;
  attempt: number;
  /** Runs that share this host's cores. */
  concurrentRuns: number;
  /** Checkpoint to resume from. */
  resumeFrom: string | null;
  /** Which evaluations count. */
  parts: WantedParts;
  /** A policy other than GreScale, for comparisons. */
  schedule?: ScheduleSpec;
}

/** The contents of `run.json`: the config's sections, the request's setting, and the schedule as a table. */
export function runSpecOf(options: RunSpecOptions): RunSpec {
  const { config, run, attempt, concurrentRuns, resumeFrom } = options;
  const { id: runId, studyId, key, kind, seed, workers, setting } = run;
  const schedule = options.schedule ?? scheduleOf(config, run);
  const shards = 'shards' in config.launcher ? config.launcher.shards : 'exact';
  const ranks = processesFor(config.trainer, workers);
  const threads =
    config.compute.threads ?? threadsPerRank({ launcher: config.launcher, workers: ranks, concurrentRuns });
  return {
    protocol: protocolVersion,
    store: options.store,
    studyId,
    runId,
    key,
    kind,
    attempt,
    seed,
    workers,
    batchPerWorker: config.batchPerWorker,
    epochs: epochsOf(setting, config.epochs),
    setting,
    schedule: { ...schedule },
    lrPerEpoch: lrPerEpoch(schedule),
    metrics: metricNames(config.decision),
    evaluate: evaluatedParts(options.parts),
    task: config.task,
    model: config.model,
    data: config.data,
    loss: config.loss,
    compute: { ...config.compute, threads, shards },
    strategy: config.strategy,
    components: config.components,
    checkpoints: config.checkpoints,
    divergence: { ...config.divergence, primary: watchedMetric(config) },
    resumeFrom,
    trainer: withoutSecrets(config.trainer),
  };
}

/** The metric whose collapse to 0 means divergence; null if lower is better, or its direction is not known yet. */
function watchedMetric({ decision }: ResolvedStudyConfig): string | null {
  const [primary = ''] = metricNames(decision);
  return configuredMetrics(decision)[primary]?.direction === 'higher' ? primary : null;
}

/** The parts a run must be evaluated on; the part that only confirms is left to confirming runs. */
function evaluatedParts({ split, settled, known, confirms }: WantedParts): string[] {
  if (settled !== null) return [settled.choose, ...(confirms && settled.confirm !== null ? [settled.confirm] : [])];
  if (split === 'test' || (split === 'auto' && known)) return ['test'];
  return confirms ? ['validation', 'test'] : ['validation'];
}

/** GreScale for k workers; the baseline's is the same policy with k = 1. */
export function scheduleOf(
  config: ResolvedStudyConfig,
  { workers, setting }: Pick<RunRequest, 'workers' | 'setting'>,
): ScheduleSpec {
  return {
    policy: 'greScale',
    workers,
    epochs: epochsOf(setting, config.epochs),
    initialLr: setting.initialLr,
    warmupEpochs: setting.warmupEpochs,
    decayEpochs: setting.decayEpochs,
    decayCoefficient: setting.decayCoefficient,
    decayShape: config.setting.decayShape,
  };
}
