import type { Database } from 'better-sqlite3';
import { encode, json } from './codecs.ts';
import { recordTable } from './record-table.ts';

/** One line of the event log: what happened, never changed afterwards. The payload's `type` is `type`. */
export interface EventRecord {
  sequence: number;
  studyId: string;
  type: string;
  /** The run it is about, where it is about one. */
  runKey: string | null;
  /** NaN and infinities are strings here. */
  payload: Record<string, unknown>;
  timeMs: number;
}

export interface EventFilter {
  /** Only events after this sequence number. */
  after?: number;
  /** Only these types. */
  types?: readonly string[];
  /** At most so many. */
  limit?: number;
}

export function eventTable(database: Database) {
  const insert = database.prepare(
    'INSERT INTO event (study_id, type, run_key, payload, time_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const { select } = recordTable<EventRecord>(database, 'event', { payload: json });
  const lastOfType = select<[string, string]>('WHERE study_id = ? AND type = ? ORDER BY sequence DESC LIMIT 1');
  return {
    /** Appends to the log; returns the sequence number. */
    appendEvent(studyId: string, event: { type: string; key?: string | undefined }, timeMs: number): number {
      const { lastInsertRowid } = insert.run(studyId, event.type, event.key ?? null, encode(event), timeMs);
      return Number(lastInsertRowid);
    },
    /** A study's events in order; of all studies when `studyId` is null. */
    eventsOf(studyId: string | null, { after = 0, types, limit = -1 }: EventFilter = {}): EventRecord[] {
      const where = ['sequence > ?'];
      const values: (string | number)[] = [after];
      if (studyId !== null) {
        where.push('study_id = ?');
        values.push(studyId);
      }
      if (types) {
        where.push(`type IN (${types.map(() => '?').join(', ')})`);
        values.push(...types);
      }
      const matching = select<(string | number)[]>(`WHERE ${where.join(' AND ')} ORDER BY sequence LIMIT ?`);
      return matching.all(...values, limit);
    },
    /** The newest event of these types. */
    lastEventOf(studyId: string, types: readonly string[]): EventRecord | undefined {
      const newest = types.flatMap((type) => lastOfType.get(studyId, type) ?? []);
      return newest.sort((a, b) => b.sequence - a.sequence)[0];
    },
    /** The newest sequence number, 0 for an empty log: what a viewer polls. */
    lastEvent(): number {
      return Number(database.prepare('SELECT coalesce(max(sequence), 0) FROM event').pluck().get());
    },
  };
}
