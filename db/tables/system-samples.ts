import type { Database } from 'better-sqlite3';
import type { WorkerSample } from '../../src/domain/progress.ts';
import { recordTable } from './record-table.ts';

/** What one rank's process and host were doing at one moment. Fields the trainer cannot measure are null. */
export interface SystemSampleRecord extends WorkerSample {
  runId: string;
}

export function systemSampleTable(database: Database) {
  const { select, insertion } = recordTable<SystemSampleRecord>(database, 'system_sample', {});
  const ofRun = select<[string, number]>('WHERE run_id = ? AND time_ms > ? ORDER BY time_ms, rank');
  const ofRank = select<[string, number]>('WHERE run_id = ? AND rank = ? ORDER BY time_ms');
  const extent = database.prepare<[string], { first: number | null; last: number | null }>(
    'SELECT min(time_ms) AS first, max(time_ms) AS last FROM system_sample WHERE run_id = ?',
  );
  const thinned = database.prepare<
    { runId: string; first: number; bucketMs: number; ranks: number },
    SystemSampleRecord
  >(
    `SELECT run_id AS runId, rank, max(time_ms) AS timeMs, avg(cpu_percent) AS cpuPercent,
       max(memory_bytes) AS memoryBytes, avg(steps_per_second) AS stepsPerSecond,
       sum(network_receive_bytes) AS networkReceiveBytes, sum(network_transmit_bytes) AS networkTransmitBytes,
       avg(gpu_percent) AS gpuPercent, max(gpu_memory_bytes) AS gpuMemoryBytes
     FROM system_sample WHERE run_id = @runId AND rank < @ranks
     GROUP BY rank, (time_ms - @first) / @bucketMs ORDER BY timeMs, rank`,
  );
  const insert = insertion({ or: 'REPLACE' });
  return {
    /** A run's samples after a time, oldest first. */
    samplesOf: (runId: string, afterMs = 0): SystemSampleRecord[] => ofRun.all(runId, afterMs),
    /** At most about `points` samples of each of the first `ranks` ranks, with neighbours merged. */
    thinnedSamplesOf(runId: string, { points, ranks }: { points: number; ranks: number }): SystemSampleRecord[] {
      const { first, last } = extent.get(runId) ?? { first: null, last: null };
      if (first === null || last === null) return [];
      const bucketMs = Math.max(1, Math.ceil((last - first + 1) / points));
      return thinned.all({ runId, first, bucketMs, ranks });
    },
    samplesOfRank: (runId: string, rank: number): SystemSampleRecord[] => ofRank.all(runId, rank),
    /** Replaces a rank's samples with fewer. */
    replaceSamples(runId: string, rank: number, samples: readonly Omit<SystemSampleRecord, 'runId' | 'rank'>[]): void {
      database.prepare('DELETE FROM system_sample WHERE run_id = ? AND rank = ?').run(runId, rank);
      for (const sample of samples) insert({ ...sample, runId, rank });
    },
    insertSample: (sample: SystemSampleRecord): void => insert(sample),
  };
}
