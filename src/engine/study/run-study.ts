import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Store } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { OnProgress } from '../../domain/progress.ts';
import { steadyClock } from '../../domain/steady-clock.ts';
import type { Launcher } from '../../launcher/launcher.ts';
import { launcherFrom } from '../launchers.ts';
import { guidelineKind } from '../plans/guideline-kind.ts';
import type { PlanKind, StudyEnd } from '../plans/plan.ts';
import { launcherWithSecrets, requireReferences } from '../run/secrets.ts';
import { checkComponents } from './check-components.ts';
import { drive } from './drive.ts';
import { refuseLiveElsewhere } from './lease.ts';
import { openStudy } from './open-study.ts';
import { knownAtStart } from './same-training.ts';
import { openSession } from './session.ts';
import { requireSameProgram } from './study-program.ts';

export interface RunStudyOptions {
  config: ResolvedStudyConfig;
  /** The project folder, in which `runs/` is created. */
  directory: string;
  store: Store;
  onProgress?: OnProgress;
  /** Aborting stops the trainings cleanly; the study can be resumed. */
  signal?: AbortSignal;
  /** Continue a study that failed or was cancelled. */
  reopen?: boolean;
  /** Retrain what other studies of the project have trained already; once begun so, a study stays so. Default: no. */
  fresh?: boolean;
  /** By default the one the config names. */
  launcher?: Launcher;
  /** Milliseconds since 1970. Default: a clock that does not jump. */
  now?: () => number;
  /** Pause before attempt n (n ≥ 2), milliseconds. Default: 1 s, doubled each time, at most a minute. */
  retryDelayMs?: (attempt: number) => number;
}

const defaultRetryDelayMs = (attempt: number) => Math.min(60_000, 1000 * 2 ** (attempt - 2));

/** Runs or continues a study until its guideline reaches an outcome or the signal interrupts it. */
export function runStudy(options: RunStudyOptions): Promise<StudyEnd> {
  return runPlan(guidelineKind, options);
}

/** Like `runStudy`, for a study that follows any kind of plan. */
export async function runPlan(kind: PlanKind, options: RunStudyOptions): Promise<StudyEnd> {
  const { config, store, reopen, signal, onProgress = () => {} } = options;
  const { now = steadyClock(), retryDelayMs = defaultRetryDelayMs } = options;
  const project = resolve(options.directory);
  store.requireOwnRuns(project);
  requireReferences(config);
  await checkComponents(config);
  requireSameProgram({ store, project }, kind.describe(config).name, config);
  const before = store.study(kind.describe(config).name)?.directory ?? project;
  const study = openStudy({ store, config, directory: project, kind, reopen, now });
  if (study.outcome !== null) return { state: 'ended', outcome: study.outcome, reason: study.reason ?? '' };
  if (before !== project) {
    onProgress({
      type: 'warning',
      key: null,
      message: `The project came from ${before}; the study continues in ${project}.`,
    });
  }
  await refuseLiveElsewhere(store, study, now);
  const launcher = options.launcher ?? launcherFrom(launcherWithSecrets(config.launcher));
  const concurrentRuns = config.concurrentRuns ?? defaultConcurrentRuns(launcher);
  const sessions = store.eventsOf(study.id, { types: ['session.started'] });
  const fresh = options.fresh === true || sessions.some(({ event }) => event.fresh);
  if (!fresh && sessions.length === 0) {
    const known = knownAtStart(kind, { store, config });
    if (known.studies.length + known.unrecorded.length > 0) onProgress({ type: 'trainings.known', ...known });
  }
  const session = { store, study, config, project, launcher, fresh, concurrentRuns, now, retryDelayMs };
  return drive((opened) => openSession({ ...session, kind, onProgress, signal, opened }));
}

function defaultConcurrentRuns({ name }: Launcher): number {
  return name === 'local' ? Math.min(4, availableParallelism()) : 1;
}
