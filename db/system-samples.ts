import type { Database } from 'better-sqlite3';

/** What one rank's process and host were doing at one moment. Fields the trainer cannot measure are null. */
export interface SystemSampleRecord {
  runId: string;
  timeMs: number;
  rank: number;
  cpuPercent: number | null;
  memoryBytes: number | null;
  stepsPerSecond: number | null;
  networkReceiveBytes: number | null;
  networkTransmitBytes: number | null;
  gpuPercent: number | null;
  gpuMemoryBytes: number | null;
}

const columns = `run_id AS runId, time_ms AS timeMs, rank, cpu_percent AS cpuPercent, memory_bytes AS memoryBytes,
  steps_per_second AS stepsPerSecond, network_receive_bytes AS networkReceiveBytes,
  network_transmit_bytes AS networkTransmitBytes, gpu_percent AS gpuPercent, gpu_memory_bytes AS gpuMemoryBytes`;

export function systemSampleTable(database: Database) {
  const ofRun = database.prepare<[string, number], SystemSampleRecord>(
    `SELECT ${columns} FROM system_sample WHERE run_id = ? AND time_ms > ? ORDER BY time_ms, rank`,
  );
  const ofRank = database.prepare<[string, number], SystemSampleRecord>(
    `SELECT ${columns} FROM system_sample WHERE run_id = ? AND rank = ? ORDER BY time_ms`,
  );
  const insert = database.prepare(
    `INSERT OR REPLACE INTO system_sample
     VALUES (@runId, @timeMs, @rank, @cpuPercent, @memoryBytes, @stepsPerSecond, @networkReceiveBytes, @networkTransmitBytes, @gpuPercent, @gpuMemoryBytes)`,
  );
  return {
    /** A run's samples after a time, oldest first. */
    samplesOf: (runId: string, afterMs = 0): SystemSampleRecord[] => ofRun.all(runId, afterMs),
    samplesOfRank: (runId: string, rank: number): SystemSampleRecord[] => ofRank.all(runId, rank),
    /** Puts fewer samples in the place of a rank's. */
    replaceSamples(runId: string, rank: number, samples: readonly Omit<SystemSampleRecord, 'runId' | 'rank'>[]): void {
      database.prepare('DELETE FROM system_sample WHERE run_id = ? AND rank = ?').run(runId, rank);
      for (const sample of samples) insert.run({ ...sample, runId, rank });
    },
    insertSample(sample: SystemSampleRecord): void {
      insert.run(sample);
    },
  };
}
