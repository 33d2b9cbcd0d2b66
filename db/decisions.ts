import type { Database } from 'better-sqlite3';
import type { Decision, Verdict } from '../src/domain/study.ts';
import type { IterationRange } from './iterations.ts';
import { decode, encode, encodeOptional } from './json.ts';

export interface DecisionRecord extends Decision {
  studyId: string;
  /** The event that it answers. */
  eventSequence: number;
  timeMs: number;
}

interface DecisionRow {
  study_id: string;
  sequence: number;
  iteration: number | null;
  verdict: Verdict;
  rule: string;
  observed: string;
  next: string;
  setting_before: string | null;
  setting_after: string | null;
  guideline_hash: string;
  reason: string;
  event_sequence: number;
  time_ms: number;
}

export function decisionTable(database: Database) {
  const ofStudy = database.prepare<[string], DecisionRow>(
    'SELECT * FROM decision WHERE study_id = ? ORDER BY sequence',
  );
  const ofIteration = database.prepare<[string, number], DecisionRow>(
    'SELECT * FROM decision WHERE study_id = ? AND iteration = ? ORDER BY sequence',
  );
  const ofRange = database.prepare<[string, number, number], DecisionRow>(
    'SELECT * FROM decision WHERE study_id = ? AND iteration BETWEEN ? AND ? ORDER BY sequence',
  );
  const ofBaseline = database.prepare<[string], DecisionRow>(
    'SELECT * FROM decision WHERE study_id = ? AND iteration IS NULL ORDER BY sequence',
  );
  const last = database.prepare<[string], DecisionRow>(
    'SELECT * FROM decision WHERE study_id = ? ORDER BY sequence DESC LIMIT 1',
  );
  const insert = database.prepare(
    `INSERT INTO decision (study_id, sequence, iteration, verdict, rule, observed, next, setting_before, setting_after, guideline_hash, reason, event_sequence, time_ms)
     VALUES (@studyId, @sequence, @iteration, @verdict, @rule, @observed, @next, @settingBefore, @settingAfter, @guidelineHash, @reason, @eventSequence, @timeMs)`,
  );
  return {
    decisionsOf: (studyId: string): DecisionRecord[] => ofStudy.all(studyId).map(fromRow),
    decisionsOfIteration: (studyId: string, iteration: number): DecisionRecord[] =>
      ofIteration.all(studyId, iteration).map(fromRow),
    decisionsOfRange: (studyId: string, { from, to }: IterationRange): DecisionRecord[] =>
      ofRange.all(studyId, from, to).map(fromRow),
    /** The decisions that belong to no iteration: the baseline's. */
    decisionsOfBaseline: (studyId: string): DecisionRecord[] => ofBaseline.all(studyId).map(fromRow),
    lastDecisionOf(studyId: string): DecisionRecord | undefined {
      const row = last.get(studyId);
      return row && fromRow(row);
    },
    insertDecision(decision: DecisionRecord): void {
      insert.run({
        ...decision,
        observed: encode(decision.observed),
        next: encode(decision.next),
        settingBefore: encodeOptional(decision.settingBefore),
        settingAfter: encodeOptional(decision.settingAfter),
      });
    },
    /** A `failed` or `cancelled` study that is reopened takes its last judgement back; the event log keeps it. */
    deleteDecisionsAfter(studyId: string, sequence: number): void {
      database.prepare('DELETE FROM decision WHERE study_id = ? AND sequence > ?').run(studyId, sequence);
    },
  };
}

function fromRow(row: DecisionRow): DecisionRecord {
  return {
    studyId: row.study_id,
    sequence: row.sequence,
    iteration: row.iteration,
    verdict: row.verdict,
    rule: row.rule,
    observed: decode(row.observed) as Decision['observed'],
    next: decode(row.next) as Decision['next'],
    settingBefore: row.setting_before === null ? null : (decode(row.setting_before) as Decision['settingBefore']),
    settingAfter: row.setting_after === null ? null : (decode(row.setting_after) as Decision['settingAfter']),
    guidelineHash: row.guideline_hash,
    reason: row.reason,
    eventSequence: row.event_sequence,
    timeMs: row.time_ms,
  };
}
