import { appendFileSync } from 'node:fs';
import { type RecordedRun, type RunToRecord, runKey } from '../guidelines/recorded-run.ts';
import type { BenchTask } from '../guidelines/tasks.ts';
import { trainRun } from '../guidelines/train-run.ts';
import { withoutLoss } from './counts.ts';

/** Worker counts in addition to those that the guidelines' benchmark records. */
const further: Record<string, number[]> = { cerebellum: [2], cerebellumUnet: [4, 8], atrium: [4, 8], digits: [2, 4] };
const seeds = [1, 2, 3];

/** Trains one setting after the other at the further counts until one is without loss; appends each run to the file. */
export async function recordCounts(tasks: readonly BenchTask[], { runs, file }: { runs: RecordedRun[]; file: string }) {
  for (const task of tasks) {
    for (const workers of further[task.name] ?? []) {
      for (const setting of settingsFor(task)) {
        if (withoutLoss(task, runs, workers).length > 0) break;
        for (const seed of seeds) {
          const run: RunToRecord = { task: task.name, workers, ...setting, seed };
          if (runs.some((one) => runKey(one) === runKey(run))) continue;
          const result = await trainRun(run);
          runs.push(result);
          appendFileSync(file, `${JSON.stringify(result)}\n`);
          console.log(`${runKey(run)}: ${result.metric ?? 'diverged'}, ${result.cpuSeconds} s`);
        }
      }
    }
  }
}

type Recorded = Omit<RunToRecord, 'task' | 'workers' | 'seed'>;

/** One worker's epochs first, and 1.5 times as many only if none of these is without loss. */
function settingsFor({ baseline, epochs }: BenchTask): Recorded[] {
  const { initialLr, warmupEpochs, decayEpochs, decayCoefficient } = baseline;
  const same = { warmupEpochs, decayEpochs, decayCoefficient, epochs };
  const longer = { ...same, epochs: Math.round(1.5 * epochs), decayEpochs: Math.round(1.6 * decayEpochs) };
  return [same, longer].flatMap((length) => [
    { ...length, optimizer: 'sgd' as const, initialLr },
    { ...length, optimizer: 'sgd' as const, initialLr: initialLr / 2 },
    { ...length, optimizer: 'adam' as const, initialLr: 0.004 },
  ]);
}
