import { assign, setup } from 'xstate';
import { type DivergenceWatch, nothingWatched, watchEpoch } from '../../src/domain/divergence.ts';
import type { TrainingRunEvent, TrainingRunInput } from './input.ts';

/** Plain JSON. */
export interface TrainingRunContext {
  input: TrainingRunInput;
  /** Epochs that have ended. */
  epoch: number;
  watch: DivergenceWatch;
  /** When the run was last heard of, milliseconds since 1970. */
  heardAtMs: number;
  /** Why it diverged or failed. */
  reason: string | null;
}

const ends = {
  'run.finished': { target: '#trainingRun.finished', actions: 'hear' },
  'run.diverged': { target: '#trainingRun.diverged', actions: ['hear', 'storeReason'] },
  'run.failed': { target: '#trainingRun.failed', actions: ['hear', 'storeReason'] },
} as const;

const whileTraining = {
  ...ends,
  'run.started': { actions: 'hear' },
  'run.heartbeat': { actions: 'hear' },
  'run.epoch': { guard: 'isNewEpoch', actions: ['hear', 'storeEpoch'] },
  'run.evaluated': { actions: 'hear' },
} as const;

const diverging = { guard: 'isDiverging', target: 'diverged' } as const;

/** One run from launch to evaluation: which phase it is in, and whether it has diverged. Pure; deadlines are data. */
export const trainingRunMachine = setup({
  types: {
    context: {} as TrainingRunContext,
    events: {} as TrainingRunEvent,
    input: {} as TrainingRunInput,
  },
  guards: {
    isNewEpoch: ({ context, event }) => event.type === 'run.epoch' && event.epoch > context.epoch,
    isDiverging: ({ context }) => context.reason !== null,
    isTrained: ({ context: { epoch, input } }) => epoch >= input.epochs,
    isPastStabilization: ({ context: { epoch, input } }) => epoch >= input.epochs - input.decayEpochs,
    isPastWarmup: ({ context: { epoch, input } }) => epoch >= input.warmupEpochs,
  },
  actions: {
    hear: assign(({ event }) => ({ heardAtMs: event.atMs })),
    storeEpoch: assign(({ context, event }) => {
      if (event.type !== 'run.epoch') return {};
      const { divergence, warmupEpochs, epochs, primaryMetric: primary } = context.input;
      const { watch, reason } = watchEpoch(context.watch, event, { ...divergence, warmupEpochs, epochs, primary });
      return { epoch: event.epoch, watch, reason };
    }),
    storeReason: assign(({ event }) => ('reason' in event ? { reason: event.reason } : {})),
  },
}).createMachine({
  id: 'trainingRun',
  context: ({ input }) => ({
    input,
    epoch: 0,
    watch: nothingWatched,
    heardAtMs: input.launchedAtMs,
    reason: null,
  }),
  initial: 'launch',
  states: {
    launch: {
      on: {
        ...whileTraining,
        'run.started': { target: 'warmup', actions: 'hear' },
        'run.epoch': { guard: 'isNewEpoch', target: 'warmup', actions: ['hear', 'storeEpoch'] },
      },
    },
    warmup: {
      always: [diverging, { guard: 'isPastWarmup', target: 'stabilization' }],
      on: whileTraining,
    },
    stabilization: {
      always: [diverging, { guard: 'isPastStabilization', target: 'decay' }],
      on: whileTraining,
    },
    decay: {
      always: [diverging, { guard: 'isTrained', target: 'evaluate' }],
      on: whileTraining,
    },
    evaluate: { always: diverging, on: whileTraining },
    finished: { type: 'final' },
    diverged: { type: 'final' },
    failed: { type: 'final' },
  },
});
