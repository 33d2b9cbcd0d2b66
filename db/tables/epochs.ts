import type { Database } from 'better-sqlite3';
import type { Measured } from '../../src/domain/measured.ts';
import type { ClassMetrics, Metrics } from '../../src/domain/metric/metrics.ts';
import { classMetrics, json, metrics, number } from './codecs.ts';
import { recordTable } from './record-table.ts';

export interface EpochRecord {
  runId: string;
  /** 1-based: the epoch that ended. */
  epoch: number;
  /** The attempt that trained it; an epoch trained again after a restart replaces the earlier one. */
  attempt: number;
  phase: string | null;
  /** Learning rate of the epoch's last step. */
  lr: number | null;
  /** Mean training loss; NaN if the trainer reported NaN. */
  loss: number | null;
  metrics: Metrics | null;
  step: number | null;
  seconds: number | null;
  /** The trainer's measurements of itself; null where it reported none. */
  measured: Measured | null;
  /** Metrics of each class by name; null where the trainer reported none. */
  classes: ClassMetrics | null;
  timeMs: number;
}

/** Fields that earlier versions do not store. */
type Later = 'measured' | 'classes';

export function epochTable(database: Database) {
  const { select, insertion } = recordTable<EpochRecord>(database, 'epoch', {
    lr: number,
    loss: number,
    metrics,
    measured: json,
    classes: classMetrics,
  });
  const ofRun = select<[string]>('WHERE run_id = ? ORDER BY epoch');
  const last = select<[string]>('WHERE run_id = ? ORDER BY epoch DESC LIMIT 1');
  const thinned = select<[{ runId: string; stride: number; last: number }]>(
    'WHERE run_id = @runId AND (epoch % @stride = 0 OR epoch = 1 OR epoch = @last) ORDER BY epoch',
  );
  const insert = insertion({ or: 'REPLACE' });
  return {
    epochsOf: (runId: string): EpochRecord[] => ofRun.all(runId),
    lastEpochOf: (runId: string): EpochRecord | undefined => last.get(runId),
    /** At most about `points` evenly spaced epochs of a run, including the first and the last. */
    thinnedEpochsOf(runId: string, points: number): EpochRecord[] {
      const end = last.get(runId)?.epoch ?? 0;
      return thinned.all({ runId, stride: Math.max(1, Math.ceil(end / points)), last: end });
    },
    insertEpoch: (epoch: Omit<EpochRecord, Later> & Partial<Pick<EpochRecord, Later>>): void => insert(epoch),
  };
}
