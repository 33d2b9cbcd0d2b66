import { isRenewed, type LeaseRecord, type Store, type StudyRecord } from '../../db/index.ts';

/** What is happening to a study at the moment, as far as the store shows. */
export type StudyActivity =
  | { state: 'ended' }
  /** A process is working on it. */
  | { state: 'running'; host: string; pid: number }
  /** A pause was requested; running runs continue to their end or their next checkpoint. */
  | { state: 'pausing'; reason: string }
  /** A process holds it and waits for a resume. */
  | { state: 'paused'; reason: string }
  /** Not ended, and no process is working on it: only a new process can continue it. */
  | { state: 'unattended'; lastSignMs: number };

/** Whether the holder of a lease is still alive. */
export type IsHeld = (lease: LeaseRecord, nowMs: number) => boolean;

/** For a viewer that has only the store: a holder that has not renewed for a minute is considered dead. */
export const heldByRenewal: IsHeld = isRenewed;

const telling = ['session.started', 'pause.requested', 'resume.requested', 'study.paused', 'study.continued'] as const;

export function studyActivity(store: Store, study: StudyRecord, isHeld: IsHeld, nowMs: number): StudyActivity {
  if (study.outcome !== null) return { state: 'ended' };
  const lease = store.leaseOf(study.id);
  if (lease === undefined || !isHeld(lease, nowMs)) return { state: 'unattended', lastSignMs: study.updatedMs };
  const last = store.lastEventOf(study.id, telling)?.event;
  if (last?.type === 'study.paused') return { state: 'paused', reason: last.reason };
  if (last?.type === 'pause.requested') return { state: 'pausing', reason: last.reason };
  return { state: 'running', host: lease.host, pid: lease.pid };
}
