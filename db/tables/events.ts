import type { Database } from 'better-sqlite3';
import {
  isStudyEventType,
  readStudyEvent,
  type StudyEvent,
  type StudyEventType,
  type UnknownEvent,
} from '../study-event.ts';
import { json } from './codecs.ts';
import { recordTable } from './record-table.ts';

/** One entry of the event log, never changed afterwards. */
export interface EventRecord<Event = StudyEvent | UnknownEvent> {
  sequence: number;
  studyId: string;
  event: Event;
  timeMs: number;
}

export interface EventFilter {
  /** Only events after this sequence number. */
  after?: number;
  /** Only these types. */
  types?: readonly StudyEventType[];
  /** Maximum number of events. */
  limit?: number;
}

/** A warning that runs of a study gave in the same words. */
export interface WarningRecord {
  message: string;
  /** Key of the first run that gave it. */
  runKey: string;
  /** Number of runs that gave it. */
  runs: number;
}

interface EventRow extends Omit<EventRecord, 'event'> {
  type: string;
  runKey: string | null;
  payload: unknown;
}

export function eventTable(database: Database) {
  const { select, insertion } = recordTable<EventRow>(database, 'event', { payload: json });
  const insert = insertion();
  const lastInserted = database.prepare('SELECT last_insert_rowid()').pluck();
  const lastOfType = select<[string, string]>('WHERE study_id = ? AND type = ? ORDER BY sequence DESC LIMIT 1');
  const times = database.prepare<[string], { type: string; timeMs: number }>(
    'SELECT type, time_ms AS timeMs FROM event WHERE study_id = ? ORDER BY sequence',
  );

  const warnings = database.prepare<[string, string | null, string | null], WarningRecord & { sequence: number }>(
    `SELECT payload ->> '$.message' AS message, run_key AS runKey, count(DISTINCT run_key) AS runs, min(sequence) AS sequence
     FROM event WHERE study_id = ? AND type = 'run.warned' AND (? IS NULL OR run_key = ?)
     GROUP BY message ORDER BY sequence`,
  );

  /** A study's events in order; those of all studies if `studyId` is null. Throws `store.event` for a damaged one. */
  function eventsOf<Type extends StudyEventType>(
    studyId: string | null,
    filter: EventFilter & { types: readonly Type[] },
  ): EventRecord<StudyEvent<Type>>[];
  function eventsOf(studyId: string | null, filter?: EventFilter): EventRecord[];
  function eventsOf(studyId: string | null, { after = 0, types, limit = -1 }: EventFilter = {}): EventRecord[] {
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
    return matching.all(...values, limit).map(fromRow);
  }

  return {
    /** Appends to the log; returns the sequence number. */
    appendEvent(studyId: string, event: StudyEvent, timeMs: number): number {
      insert({ studyId, type: event.type, runKey: 'key' in event ? event.key : null, payload: event, timeMs });
      return Number(lastInserted.get());
    },
    eventsOf,
    /** The newest event of these types. */
    lastEventOf<Type extends StudyEventType>(
      studyId: string,
      types: readonly Type[],
    ): EventRecord<StudyEvent<Type>> | undefined {
      const newest = types.flatMap((type) => lastOfType.get(studyId, type) ?? []);
      const last = newest.sort((a, b) => b.sequence - a.sequence)[0];
      return last && (fromRow(last) as EventRecord<StudyEvent<Type>>);
    },
    /** Time and type of each event, in order, without reading any payload. */
    eventTimesOf: (studyId: string): { type: StudyEventType | UnknownEvent['type']; timeMs: number }[] =>
      times.all(studyId).map(({ type, timeMs }) => ({ type: isStudyEventType(type) ? type : 'unknown', timeMs })),
    /** Warnings of a study's runs, or of one of them: each message once, in order of first appearance. */
    warningsOf: (studyId: string, runKey: string | null = null): WarningRecord[] =>
      warnings.all(studyId, runKey, runKey).map(({ message, runKey: key, runs }) => ({ message, runKey: key, runs })),
    /** The newest sequence number, 0 for an empty log; viewers poll it. */
    lastEvent(): number {
      return Number(database.prepare('SELECT coalesce(max(sequence), 0) FROM event').pluck().get());
    },
  };
}

function fromRow({ sequence, studyId, type, payload, timeMs }: EventRow): EventRecord {
  return { sequence, studyId, event: readStudyEvent(type, payload), timeMs };
}
