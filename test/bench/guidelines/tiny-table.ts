import type { RecordedRun, RunToRecord } from '../../../bench/guidelines/recorded-run.ts';
import { type Table, tableOf } from '../../../bench/guidelines/table.ts';
import { taskNamed } from '../../../bench/guidelines/tasks.ts';

/** A run of the cerebellum on 18 workers, SGD at 0.8, where nothing else is said. */
export function recordedRun(run: Partial<RecordedRun> & Pick<RecordedRun, 'metric'>): RecordedRun {
  const setting: RunToRecord = {
    task: 'cerebellum',
    workers: 18,
    optimizer: 'sgd',
    initialLr: 0.8,
    warmupEpochs: 5,
    decayEpochs: 15,
    decayCoefficient: 3,
    epochs: 40,
    seed: 1,
  };
  const { metric } = run;
  return {
    ...setting,
    state: metric === null ? 'diverged' : 'finished',
    cpuSeconds: 1,
    curve: metric === null ? [0.4, 0] : Array.from({ length: 10 }, (_, index) => ((index + 1) / 10) * metric),
    ...run,
  };
}

export const seedsOf = (run: Partial<RecordedRun>, metrics: (number | null)[]): RecordedRun[] =>
  metrics.map((metric, index) => recordedRun({ ...run, metric, seed: index + 1 }));

/** One worker reaches 0.86; 18 workers 0.80 at the same rate, 0.86 at half of it, and Adam diverges in one run of two. */
export const tinyRuns: RecordedRun[] = [
  ...seedsOf({ workers: 1 }, [0.858, 0.862, 0.86, 0.861, 0.859]),
  ...seedsOf({ initialLr: 0.8 }, [0.798, 0.802]),
  ...seedsOf({ initialLr: 0.4 }, [0.858, 0.862, 0.86]),
  ...seedsOf({ initialLr: 0.4, epochs: 60, decayEpochs: 24 }, [0.868, 0.872, 0.87]),
  ...seedsOf({ optimizer: 'adam', initialLr: 0.001 }, [0.86, null]),
];

export const tinyTable = (shift = 0): Table => tableOf(taskNamed('cerebellum'), { runs: tinyRuns, workers: 18, shift });
