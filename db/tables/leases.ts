import type { Database } from 'better-sqlite3';
import { recordTable } from './record-table.ts';

/** The engine that is working on a study. One row per study, which the engine renews while it is alive. */
export interface LeaseRecord {
  studyId: string;
  /** Random: distinguishes this holder from an earlier one with the same process id. */
  token: string;
  host: string;
  pid: number;
  /**
   * When the process started, as its operating system reports it: distinguishes it from a later one with the same id.
   */
  processStart: string;
  /** Changes with every boot of the host. */
  bootId: string;
  renewedMs: number;
}

/** Milliseconds without renewal after which a lease is stale, wherever its holder ran. */
const leaseMs = 60_000;

export function isRenewed({ renewedMs }: LeaseRecord, nowMs: number): boolean {
  // A time in the future comes from another clock and proves as little as an old one.
  return Math.abs(nowMs - renewedMs) < leaseMs;
}

export function leaseTable(database: Database) {
  const { select, insertion, update } = recordTable<LeaseRecord>(database, 'lease', {});
  const one = select<[string]>('WHERE study_id = ?');
  const take = insertion({ or: 'REPLACE' });
  return {
    leaseOf: (studyId: string): LeaseRecord | undefined => one.get(studyId),
    /** Replaces any existing lease: check that one first, in the same transaction. */
    takeLease: (lease: LeaseRecord): void => take(lease),
    /** False when another engine has taken the study over. */
    renewLease: (studyId: string, token: string, timeMs: number): boolean =>
      update({ studyId, token }, { renewedMs: timeMs }) === 1,
    releaseLease(studyId: string, token: string): void {
      database.prepare('DELETE FROM lease WHERE study_id = ? AND token = ?').run(studyId, token);
    },
  };
}
