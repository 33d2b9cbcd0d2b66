import { createSystemSampler, type SystemSample } from '../../monitor/system-sample.ts';
import type { RankSample } from '../../protocol/sample-file.ts';

export interface SampleReporterOptions {
  rank: number;
  /** Delivers a sample; what it throws is ignored, since a missing statistic must not end a training. */
  write: (sample: RankSample) => void;
  sampler?: () => Promise<SystemSample>;
  /** Milliseconds between two samples. */
  everyMs?: number;
  /** Milliseconds of a monotonic clock. */
  now?: () => number;
}

export interface SampleReporter {
  /** Counts a training step and, every few seconds, takes a sample. Otherwise costs one clock reading. */
  step(): void;
}

/** A rank's own processor, memory, network and GPU use and its step rate: first after a second, then every five. */
export function sampleReporter(options: SampleReporterOptions): SampleReporter {
  const { rank, write, everyMs = 5000, now = () => performance.now() } = options;
  const sampler = options.sampler ?? createSystemSampler();
  let steps = 0;
  let sinceMs = now();
  let dueMs = sinceMs + Math.min(1000, everyMs);
  let sampling = false;

  async function sample(nowMs: number): Promise<void> {
    const stepsPerSecond = (1000 * steps) / Math.max(1, nowMs - sinceMs);
    steps = 0;
    sinceMs = nowMs;
    dueMs = nowMs + everyMs;
    try {
      write({ rank, timeMs: Date.now(), stepsPerSecond, ...(await sampler()) });
    } catch {
      // A full disk ends the training through its checkpoints, with a better message than this would give.
    }
  }

  return {
    step() {
      steps += 1;
      const nowMs = now();
      if (nowMs < dueMs || sampling) return;
      sampling = true;
      void sample(nowMs).finally(() => {
        sampling = false;
      });
    },
  };
}
