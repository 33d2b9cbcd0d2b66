import type { Database } from 'better-sqlite3';
import type { Metrics } from '../src/domain/metrics.ts';
import { decodeMetrics, encodeOptional, fromColumn, toColumn } from './json.ts';

export interface EpochRecord {
  runId: string;
  /** 1-based: the epoch that ended. */
  epoch: number;
  /** The attempt that trained it; an epoch trained again after a restart replaces the earlier one. */
  attempt: number;
  phase: string | null;
  /** Rate of the epoch's last step. */
  lr: number | null;
  /** Mean training loss; NaN where the training said so. */
  loss: number | null;
  metrics: Metrics | null;
  step: number | null;
  seconds: number | null;
  timeMs: number;
}

interface EpochRow {
  run_id: string;
  epoch: number;
  attempt: number;
  phase: string | null;
  lr: number | string | null;
  loss: number | string | null;
  metrics: string | null;
  step: number | null;
  seconds: number | null;
  time_ms: number;
}

export function epochTable(database: Database) {
  const ofRun = database.prepare<[string], EpochRow>('SELECT * FROM epoch WHERE run_id = ? ORDER BY epoch');
  const last = database.prepare<[string], EpochRow>('SELECT * FROM epoch WHERE run_id = ? ORDER BY epoch DESC LIMIT 1');
  const thinned = database.prepare<{ runId: string; stride: number; last: number }, EpochRow>(
    `SELECT * FROM epoch WHERE run_id = @runId AND (epoch % @stride = 0 OR epoch = 1 OR epoch = @last) ORDER BY epoch`,
  );
  const insert = database.prepare(
    `INSERT OR REPLACE INTO epoch (run_id, epoch, attempt, phase, lr, loss, metrics, step, seconds, time_ms)
     VALUES (@runId, @epoch, @attempt, @phase, @lr, @loss, @metrics, @step, @seconds, @timeMs)`,
  );
  return {
    epochsOf: (runId: string): EpochRecord[] => ofRun.all(runId).map(fromRow),
    lastEpochOf(runId: string): EpochRecord | undefined {
      const row = last.get(runId);
      return row && fromRow(row);
    },
    /** At most some `points` epochs of a run, evenly spaced, with the first and the last. */
    thinnedEpochsOf(runId: string, points: number): EpochRecord[] {
      const end = last.get(runId)?.epoch ?? 0;
      return thinned.all({ runId, stride: Math.max(1, Math.ceil(end / points)), last: end }).map(fromRow);
    },
    insertEpoch(epoch: EpochRecord): void {
      insert.run({
        ...epoch,
        lr: toColumn(epoch.lr),
        loss: toColumn(epoch.loss),
        metrics: encodeOptional(epoch.metrics),
      });
    },
  };
}

function fromRow(row: EpochRow): EpochRecord {
  return {
    runId: row.run_id,
    epoch: row.epoch,
    attempt: row.attempt,
    phase: row.phase,
    lr: fromColumn(row.lr),
    loss: fromColumn(row.loss),
    metrics: decodeMetrics(row.metrics),
    step: row.step,
    seconds: row.seconds,
    timeMs: row.time_ms,
  };
}
