import { resolve } from 'node:path';
import type { Store } from '../../../db/index.ts';
import type { ScheduleSpec } from '../../../schedules/spec.ts';
import { lrPerEpoch } from '../../../schedules/table.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { epochsOf } from '../../domain/setting.ts';
import type { RunRequest, StudyOutcome } from '../../domain/study.ts';
import { guidelinePlan } from '../plans/guideline-plan.ts';
import type { OpenStudy, PlannedRun } from '../plans/plan.ts';
import { studyMetrics } from '../plans/study-metrics.ts';
import { scheduleOf } from '../run/run-spec-of.ts';
import { storedRun } from '../run/stored-run.ts';
import { takeLease } from '../study/lease.ts';
import { openStudy } from '../study/open-study.ts';

export interface AskStudyOptions {
  store: Store;
  config: ResolvedStudyConfig;
  /** The project folder. */
  directory: string;
  now?: () => number;
}

/** A run to be trained outside autopilot. */
export interface AskedRun extends RunRequest {
  seed: number;
  epochs: number;
  /** One sentence: why the guideline wants it. */
  why: string;
  schedule: ScheduleSpec;
  /** The rate at the start of epoch 0, 1, …, E. */
  lrPerEpoch: number[];
}

export interface AskedStudy {
  study: string;
  /** Null while there are runs to train. */
  outcome: { outcome: StudyOutcome; reason: string } | null;
  /** All of them may be trained at the same time. */
  runs: AskedRun[];
}

/** The runs the guideline wants next. Creates the study on the first call; asking again gives the same answer. */
export function askStudy({ store, config, directory, now = Date.now }: AskStudyOptions): AskedStudy {
  const study = openStudy({ store, config, directory: resolve(directory), now });
  const open: OpenStudy = { store, study, config, now };
  const lease = takeLease(store, study, now);
  try {
    const plan = guidelinePlan(open);
    studyMetrics(open, { plan, byHand: true }).begin();
    plan.begin?.();
    const runs = [...plan.pending()].map((planned) => askedRun(open, planned));
    return { study: study.name, outcome: plan.outcome(), runs };
  } finally {
    lease.release();
  }
}

function askedRun(open: OpenStudy, { request, why, seed: own }: PlannedRun): AskedRun {
  const { seed } = storedRun(open, { request, seed: own });
  const schedule = scheduleOf(open.config, request);
  const epochs = epochsOf(request.setting, open.config.epochs);
  return { ...request, seed, epochs, why, schedule, lrPerEpoch: lrPerEpoch(schedule) };
}
