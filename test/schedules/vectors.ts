import {
  decayShapes,
  lrScalings,
  type Phase,
  phaseAt,
  type ScheduleSpec,
  scheduleFrom,
} from '../../schedules/index.ts';

export interface ScheduleVector {
  spec: ScheduleSpec;
  /** Fractional epochs, 0 to E and a little beyond. */
  epochs: number[];
  rates: number[];
  phases: Phase[];
}

const sizes = [
  { workers: 1, epochs: 40, initialLr: 0.5 },
  { workers: 18, epochs: 40, initialLr: 0.5 },
  { workers: 12, epochs: 120, initialLr: 1e-5 },
  { workers: 7, epochs: 13, initialLr: 0.3 },
  { workers: 2, epochs: 1, initialLr: 0.1 },
];

/** Shared vectors: every policy, in several sizes, at borders, between them, and at places with long fractions. */
export function scheduleVectors(): ScheduleVector[] {
  return sizes
    .flatMap((size) => specsOf(size))
    .map((spec) => {
      const epochs = placesOf(spec.epochs);
      const schedule = scheduleFrom(spec);
      return { spec, epochs, rates: epochs.map(schedule), phases: epochs.map((epoch) => phaseAt(spec, epoch)) };
    });
}

function specsOf(size: { workers: number; epochs: number; initialLr: number }): ScheduleSpec[] {
  const part = (share: number) => size.epochs * share;
  const finalLr = size.initialLr / 50;
  return [
    ...decayShapes.flatMap((decayShape): ScheduleSpec[] => [
      { policy: 'greScale', ...size, ...phasesOf(0.125, 0.375), decayCoefficient: 3, decayShape },
      { policy: 'greScale', ...size, ...phasesOf(0.31, 0.44), decayCoefficient: 6.75, decayShape },
      { policy: 'greScale', ...size, ...phasesOf(0, 1), decayCoefficient: 0.5, decayShape },
    ]),
    { policy: 'greScale', ...size, ...phasesOf(1, 0), decayCoefficient: 3, decayShape: 'exponential' },
    { policy: 'greScale', ...size, ...phasesOf(0, 0), decayCoefficient: 0, decayShape: 'linear' },
    ...lrScalings.map((scaling): ScheduleSpec => ({ policy: 'constant', ...size, scaling })),
    { policy: 'constantWarmup', ...size, warmupEpochs: part(0.125) },
    { policy: 'gradualWarmup', ...size, warmupEpochs: part(0.125), milestones: [part(0.3), part(0.6)], factor: 0.1 },
    { policy: 'gradualWarmup', ...size, warmupEpochs: 0, milestones: [], factor: 1 },
    { policy: 'exponential', ...size, decayCoefficient: 4.5 },
    { policy: 'polynomial', ...size, power: 1, finalLr },
    { policy: 'polynomial', ...size, power: 0.9, finalLr },
    { policy: 'staircase', ...size, milestones: [part(0.3), part(0.6), part(0.8)], factor: 0.2 },
    { policy: 'cosine', ...size, warmupEpochs: part(0.125), finalLr },
    { policy: 'cosine', ...size, warmupEpochs: part(1), finalLr },
    { policy: 'cyclic', ...size, maximumLr: size.workers * size.initialLr, cycleEpochs: part(0.3) },
  ];

  function phasesOf(warmup: number, decay: number) {
    return { warmupEpochs: part(warmup), decayEpochs: part(decay) };
  }
}

function placesOf(epochs: number): number[] {
  const shares = [
    0,
    1 / 220,
    0.0625,
    0.1,
    0.125,
    0.2,
    0.3,
    0.31,
    1 / 3,
    0.45,
    0.5,
    0.56,
    0.6,
    0.625,
    0.7,
    0.8,
    0.9,
    0.99,
    1,
  ];
  return [...shares.map((share) => share * epochs), epochs + 0.5];
}
