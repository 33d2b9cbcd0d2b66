import type { Store, StudyRecord } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { processesFor } from '../../config/sections/processes.ts';
import { storedConfig } from '../../config/stored.ts';
import { AutopilotError } from '../../domain/errors.ts';
import type { Launcher } from '../../launcher/launcher.ts';
import { runDirectoryOf } from '../../protocol/run-directory.ts';
import { launcherFrom } from '../launchers.ts';
import { guidelinePlan } from '../plans/guideline-plan.ts';
import { isHeld, takeLease } from './lease.ts';
import { storedStudy } from './stored-study.ts';
import { requireTrusted } from './trust.ts';

export interface CancelStudyOptions {
  store: Store;
  /** Its name or id. */
  study: string;
  reason: string;
  launcher?: Launcher;
  now?: () => number;
}

/** `requested`: a live engine was notified and will stop within seconds. `cancelled`: done. */
export type CancelledStudy = { state: 'requested'; pid: number; host: string } | { state: 'cancelled' };

/** Ends a study with the outcome `cancelled`: through the engine that runs it, or directly if there is none. */
export async function cancelStudy(options: CancelStudyOptions): Promise<CancelledStudy> {
  const { store, reason, now = Date.now } = options;
  const study = storedStudy(store, options.study);
  if (study.outcome !== null) {
    throw new AutopilotError(
      'study.ended',
      `Study "${study.name}" has already ended (${study.outcome}): there is nothing to cancel.`,
    );
  }
  const held = store.leaseOf(study.id);
  if (held && isHeld(held, now())) {
    store.appendEvent(study.id, { type: 'cancel.requested', reason }, now());
    return { state: 'requested', pid: held.pid, host: held.host };
  }
  const config = storedConfig(study);
  const lease = takeLease(store, study, now);
  try {
    await endLeftovers(options.launcher ?? launcherFrom(config.launcher), { store, study, config });
    guidelinePlan({ store, study, config, now }).record({ type: 'study.cancelled', reason });
    return { state: 'cancelled' };
  } finally {
    lease.release();
  }
}

/** The reason of a cancellation requested since the engine's session began, or null. */
export function cancelRequest(store: Store, studyId: string): string | null {
  const last = store.eventsOf(studyId, { types: ['session.started', 'cancel.requested'] }).at(-1)?.event;
  return last?.type === 'cancel.requested' ? last.reason : null;
}

/** Stops trainings that a killed engine left behind. */
async function endLeftovers(
  launcher: Launcher,
  { store, study, config }: { store: Store; study: StudyRecord; config: Pick<ResolvedStudyConfig, 'trainer'> },
): Promise<void> {
  for (const run of store.runsOf(study.id)) {
    for (const { name, state, handle } of store.attemptsOf(run.id)) {
      if (state === 'ended') continue;
      // The job handle in an untrusted study may be that of another job of this user.
      requireTrusted(store, study, study.directory);
      const runDirectory = runDirectoryOf(study.directory, run.id);
      const workers = processesFor(config.trainer, run.workers);
      const job = await launcher.attach({ attempt: name, handle, runDirectory, workers });
      await job?.stop({ graceMs: 5000 });
    }
  }
}
