import type { WorkerSample } from '../domain/progress.ts';

export interface DownSampleOptions {
  /** Maximum number of samples kept per rank, at least 2. */
  limit: number;
  /** The rank's samples kept so far, oldest first. */
  kept?: readonly WorkerSample[];
}

/** What to store after a sample: nothing, one more sample, or a list half as long that replaces all of them. */
export type KeptChange =
  | { type: 'none' }
  | { type: 'add'; sample: WorkerSample }
  | { type: 'replace'; samples: WorkerSample[] };

/**
 * Keeps at most `limit` samples of a rank however long it trains: when the list is full, neighbours are merged, and
 * from then on twice as many samples become one. Amortized O(1) per sample; the limit bounds both memory and rows.
 */
export function downSample({ limit, kept = [] }: DownSampleOptions): (sample: WorkerSample) => KeptChange {
  let samples = [...kept];
  let perSample = 1;
  const earlier: WorkerSample[] = [];
  return (sample) => {
    if (earlier.length + 1 < perSample) {
      earlier.push(sample);
      return { type: 'none' };
    }
    const [first = sample, ...rest] = [...earlier.splice(0), sample];
    const merged = mergeSamples([first, ...rest]);
    samples.push(merged);
    if (samples.length < limit) return { type: 'add', sample: merged };
    samples = pairs(samples);
    perSample *= 2;
    return { type: 'replace', samples: [...samples] };
  };
}

/** Maximum number of samples per rank, 20 to 720: a run of up to 1,000 workers keeps at most 20,000 in all. */
export function samplesPerRank(workers: number): number {
  return Math.min(720, Math.max(20, Math.floor(20_000 / workers)));
}

/** Merges consecutive samples: means of rates, the largest memory, sums of network bytes, the time of the last one. */
export function mergeSamples(samples: readonly [WorkerSample, ...WorkerSample[]]): WorkerSample {
  const last = samples.at(-1) ?? samples[0];
  const of = (field: keyof WorkerSample) => samples.flatMap((one) => one[field] ?? []);
  return {
    rank: last.rank,
    timeMs: last.timeMs,
    cpuPercent: mean(of('cpuPercent')),
    memoryBytes: most(of('memoryBytes')),
    stepsPerSecond: mean(of('stepsPerSecond')),
    networkReceiveBytes: sum(of('networkReceiveBytes')),
    networkTransmitBytes: sum(of('networkTransmitBytes')),
    gpuPercent: mean(of('gpuPercent')),
    gpuMemoryBytes: most(of('gpuMemoryBytes')),
  };
}

function pairs(samples: readonly WorkerSample[]): WorkerSample[] {
  return samples.flatMap((sample, index) => {
    if (index % 2 === 1) return [];
    const next = samples[index + 1];
    return [next ? mergeSamples([sample, next]) : sample];
  });
}

const sum = (values: number[]) => (values.length === 0 ? null : values.reduce((total, value) => total + value, 0));
const most = (values: number[]) => (values.length === 0 ? null : Math.max(...values));
const mean = (values: number[]) => (values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length);
