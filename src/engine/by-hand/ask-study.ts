import type { Store } from '../../../db/index.ts';
import type { ScheduleSpec } from '../../../schedules/spec.ts';
import { lrPerEpoch } from '../../../schedules/table.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { RunRequest, StudyOutcome } from '../../domain/study.ts';
import { giveBaseline } from '../plans/given-baseline.ts';
import { type GuidelineLog, openGuidelineLog } from '../plans/guideline-log.ts';
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

/** A run that somebody else is to train. */
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
  /** All may be trained at the same time. */
  runs: AskedRun[];
}

/** What the guideline wants trained next. Creates the study the first time; asking again gives the same answer. */
export function askStudy({ store, config, directory, now = Date.now }: AskStudyOptions): AskedStudy {
  const study = openStudy({ store, config, directory, reopen: false, now });
  const lease = takeLease(store, study, now);
  try {
    const log = openGuidelineLog({ store, studyId: study.id, config, now });
    giveBaseline({ store, studyId: study.id, config, log, now });
    const runs = log.pending().map((request) => askedRun({ store, studyId: study.id, config, request, log, now }));
    return { study: study.name, outcome: log.outcome(), runs };
  } finally {
    lease.release();
  }
}

interface AskedRunOptions {
  store: Store;
  studyId: string;
  config: ResolvedStudyConfig;
  request: RunRequest;
  log: GuidelineLog;
  now: () => number;
}

function askedRun({ store, studyId, config, request, log, now }: AskedRunOptions): AskedRun {
  const { seed } = storedRun({ store, studyId, config, request, now });
  const schedule = scheduleOf(config, request);
  return { ...request, seed, epochs: config.epochs, why: log.why(), schedule, lrPerEpoch: lrPerEpoch(schedule) };
}
