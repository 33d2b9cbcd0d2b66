import type { OptimizerName, Setting } from '../../src/domain/setting.ts';
import type { RunToRecord } from './recorded-run.ts';
import type { BenchTask } from './tasks.ts';

interface Block {
  optimizer: OptimizerName;
  rates: number[];
  /** In multiples of the task's epochs. */
  lengths: number[];
  warmups?: number[];
  coefficients?: number[];
  seeds: number;
}

/** Settings worth recording for a task, most informative first. Rates are one worker's, SGD's in baseline rates. */
const blocks: Block[] = [
  { optimizer: 'sgd', rates: [0.5, 0.25, 1], lengths: [1, 1.5], seeds: 4 },
  { optimizer: 'adam', rates: [0.001, 0.002, 0.004], lengths: [1], seeds: 4 },
  { optimizer: 'sgd', rates: [0.5, 0.25], lengths: [2.25], seeds: 4 },
  { optimizer: 'adam', rates: [0.002, 0.004], lengths: [1.5], seeds: 4 },
  { optimizer: 'momentum', rates: [0.02, 0.04], lengths: [1, 1.5], warmups: [5, 15], seeds: 3 },
  { optimizer: 'adam', rates: [0.0005, 0.008], lengths: [1], seeds: 3 },
  { optimizer: 'sgd', rates: [0.125], lengths: [1, 1.5], seeds: 3 },
  { optimizer: 'lars', rates: [0.05, 0.1, 0.2], lengths: [1, 1.5], seeds: 3 },
  { optimizer: 'sgd', rates: [0.5, 0.25], lengths: [1, 1.5], warmups: [10, 15], seeds: 3 },
  { optimizer: 'sgd', rates: [0.5], lengths: [1, 1.5], coefficients: [4.5, 6.75], seeds: 3 },
  { optimizer: 'adam', rates: [0.002], lengths: [1], warmups: [15], coefficients: [3, 4.5], seeds: 3 },
  { optimizer: 'adam', rates: [0.001], lengths: [1.5, 2.25], seeds: 3 },
];

/** Number of seeds of the baseline's runs. */
const baselineSeeds = 10;

/** Every run of the benchmark, the most worthwhile first: a first seed or two of everything, then more. */
export function runsToRecord(tasks: readonly BenchTask[]): RunToRecord[] {
  const all = tasks.flatMap((task) => [
    ...baselineOf(task),
    ...task.workers.flatMap((workers) => blocksOf(task, workers)),
  ]);
  return all.sort((a, b) => a.turn - b.turn).map(({ run }) => run);
}

interface Turn {
  turn: number;
  run: RunToRecord;
}

function baselineOf(task: BenchTask): Turn[] {
  const seeds = Array.from({ length: baselineSeeds }, (_, index) => index + 1);
  return [
    ...seeds.map((seed) => ({ turn: seed <= 4 ? 0 : 3, run: runOf(task, 1, task.baseline, seed) })),
    ...[1, 2, 3].map((seed) => ({ turn: 9, run: runOf(task, 1, stretched(task, task.baseline, 1.5), seed) })),
  ];
}

function blocksOf(task: BenchTask, workers: number): Turn[] {
  return blocks.flatMap(({ optimizer, rates, lengths, warmups = [5], coefficients = [3], seeds }, place) =>
    Array.from({ length: seeds }, (_, index) => index + 1).flatMap((seed) =>
      lengths.flatMap((length) =>
        rates.flatMap((rate) =>
          warmups.flatMap((warmupEpochs) =>
            coefficients.map((decayCoefficient) => {
              const initialLr = optimizer === 'sgd' ? rate * task.baseline.initialLr : rate;
              const setting = { ...task.baseline, optimizer, initialLr, warmupEpochs, decayCoefficient };
              const turn = seed <= 2 ? (place < 4 ? 1 : 4 + place / 100) : place < 4 ? 2 : 6 + place / 100;
              return { turn, run: runOf(task, workers, stretched(task, setting, length), seed) };
            }),
          ),
        ),
      ),
    ),
  );
}

/** The setting with `length` times the epochs: warmup stays, decay keeps its share of the epochs after the warmup. */
function stretched({ epochs, baseline }: BenchTask, setting: Setting, length: number): Setting & { epochs: number } {
  const longer = Math.round(epochs * length);
  const share = baseline.decayEpochs / (epochs - baseline.warmupEpochs);
  const decayEpochs = Math.round(share * (longer - baseline.warmupEpochs));
  return { ...setting, epochs: longer, decayEpochs };
}

function runOf(task: BenchTask, workers: number, setting: Setting, seed: number): RunToRecord {
  const { optimizer, initialLr, warmupEpochs, decayEpochs, decayCoefficient, epochs = task.epochs } = setting;
  const rate = Number(initialLr.toPrecision(6));
  return {
    ...{ task: task.name, workers, optimizer, initialLr: rate, warmupEpochs, decayEpochs, decayCoefficient },
    ...{ epochs, seed },
  };
}
