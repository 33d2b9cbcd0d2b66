import type { Store } from '../../../db/index.ts';
import type { OnProgress, WorkerSample } from '../../domain/progress.ts';
import { downSample, type KeptChange, samplesPerRank } from '../../monitor/down-sample.ts';
import type { RankSample } from '../../protocol/sample-file.ts';

export interface StoreSamplesOptions {
  store: Store;
  runId: string;
  key: string;
  workers: number;
  onProgress: OnProgress;
}

interface Rank {
  push: (sample: WorkerSample) => KeptChange;
  lastMs: number;
}

/** Forwards every sample and stores a thinned-out series: some 20,000 rows per run, however long it trains. */
export function storeSamples(options: StoreSamplesOptions): (sample: RankSample) => void {
  const { store, runId, key, workers, onProgress } = options;
  const ranks = new Map<number, Rank>();

  function known(rank: number): Rank {
    const seen = ranks.get(rank);
    if (seen) return seen;
    const kept = store.samplesOfRank(runId, rank);
    const made = { push: downSample({ limit: samplesPerRank(workers), kept }), lastMs: kept.at(-1)?.timeMs ?? 0 };
    ranks.set(rank, made);
    return made;
  }

  return (reported) => {
    const sample = toWorkerSample(reported);
    const rank = known(sample.rank);
    // Already seen: the same file, or events that an earlier engine has read.
    if (sample.timeMs <= rank.lastMs) return;
    rank.lastMs = sample.timeMs;
    const change = rank.push(sample);
    if (change.type === 'add') store.insertSample({ runId, ...change.sample });
    if (change.type === 'replace') store.replaceSamples(runId, sample.rank, change.samples);
    onProgress({ type: 'sample', key, ...sample });
  };
}

function toWorkerSample(sample: RankSample): WorkerSample {
  return {
    rank: sample.rank,
    timeMs: Math.round(sample.timeMs),
    cpuPercent: sample.cpuPercent ?? null,
    memoryBytes: whole(sample.memoryBytes),
    stepsPerSecond: sample.stepsPerSecond ?? null,
    networkReceiveBytes: whole(sample.networkReceiveBytes),
    networkTransmitBytes: whole(sample.networkTransmitBytes),
    gpuPercent: sample.gpuPercent ?? null,
    gpuMemoryBytes: whole(sample.gpuMemoryBytes),
  };
}

function whole(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value);
}
