import { join, resolve } from 'node:path';
import { lrPerEpoch } from '../../../schedules/table.ts';
import { metricNames } from '../../config/decision-metrics.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { processesFor } from '../../config/sections/processes.ts';
import type { RunRequest } from '../../domain/study.ts';
import { count } from '../../domain/text/format.ts';
import { runDirectoryOf } from '../../protocol/run-directory.ts';
import { launcherFrom } from '../launchers.ts';
import { firstRequests } from '../plans/first-requests.ts';
import { runSeed } from '../run/run-seed.ts';
import { runSpecOf, scheduleOf } from '../run/run-spec-of.ts';
import { trainerProgram } from '../run/trainer-program.ts';
import { firstParts } from '../run/wanted-parts.ts';

export interface FirstRun extends RunRequest {
  seed: number;
  /** The rate at the start of epoch 0, 1, …, E. */
  lrPerEpoch: number[];
  /** What the launcher would submit. */
  launches: string;
}

export interface DryRun {
  /** `baseline` is empty where its `givenRuns` are in the config. */
  data: {
    study: string;
    workers: number;
    epochs: number;
    givenRuns: number;
    baseline: FirstRun[];
    first: FirstRun[];
  };
  text: string;
}

export interface DryRunOptions {
  config: ResolvedStudyConfig;
  /** The project folder. */
  directory: string;
}

/** What `run` would do first: the baseline, then the first iteration, which does not depend on it. Starts nothing. */
export function dryRun({ config, directory }: DryRunOptions): DryRun {
  const { baseline, givenRuns, first, action } = firstRequests(config);
  const launch = (request: RunRequest) => firstRun(request, config, resolve(directory));
  const data = {
    study: config.name,
    workers: config.workers,
    epochs: config.epochs,
    givenRuns,
    baseline: baseline.map(launch),
    first: first.map(launch),
  };
  return { data, text: describe(config, data, action) };
}

function firstRun(request: RunRequest, config: ResolvedStudyConfig, project: string): FirstRun {
  const runId = `${config.name}.${request.key}`;
  const seed = runSeed(config.seed, request.key);
  const runDirectory = runDirectoryOf(project, runId);
  const spec = runSpecOf({
    config,
    run: { ...request, id: runId, studyId: config.name, seed },
    parts: firstParts(config, request.kind),
    attempt: 1,
    concurrentRuns: 1,
    resumeFrom: null,
  });
  const program = trainerProgram({ config, spec, runDirectory, deployed: null, secret: null });
  const workers = processesFor(config.trainer, request.workers);
  const launches = launcherFrom(config.launcher).describe({ attempt: `${runId}.1`, runDirectory, workers, program });
  return { ...request, seed, lrPerEpoch: lrPerEpoch(scheduleOf(config, request)), launches };
}

function describe(config: ResolvedStudyConfig, data: DryRun['data'], action: string): string {
  const { givenRuns, baseline, first } = data;
  const run = [...baseline.slice(0, 1), ...first.slice(0, 1)];
  return [
    `Study ${config.name}: is there a loss with ${count(config.workers, 'worker')}, and which setting avoids it?`,
    `Trainer ${config.trainer.kind}, launcher ${config.launcher.kind}, ${count(config.epochs, 'epoch')} per run, rule ${config.decision.rule} on ${metricNames(config.decision).join(', ')}.`,
    givenRuns > 0
      ? `1. Baseline: given, ${count(givenRuns, 'run')}; nothing is trained.`
      : `1. Baseline: ${count(baseline.length, 'run')} of one worker.`,
    `2. First iteration: ${action}.`,
    `3. Then as the guideline decides, at most ${count(config.budget.iterations, 'iteration')}.`,
    ...run.flatMap(({ key, workers, setting, lrPerEpoch: rates, launches }) => [
      '',
      `${key}: ${workers} ${workers === 1 ? 'worker' : 'workers'}, ${JSON.stringify(setting)}`,
      `  rate by epoch: ${sampled(rates)}`,
      ...launches
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`),
    ]),
    '',
    `Store: ${join('.', 'autopilot.db')}; run directories: ${join('.', 'runs')}. Nothing was started.`,
  ].join('\n');
}

function sampled(rates: readonly number[]): string {
  const step = Math.max(1, Math.ceil((rates.length - 1) / 10));
  return rates
    .flatMap((rate, epoch) =>
      epoch % step === 0 || epoch === rates.length - 1 ? [`${epoch}: ${Number(rate.toPrecision(3))}`] : [],
    )
    .join(', ');
}
