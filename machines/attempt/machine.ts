import { assign, setup } from 'xstate';
import type { AttemptEvent, AttemptInput } from './input.ts';
import { type AttemptContext, newAttempt, taken } from './take.ts';

const take = { actions: 'take' } as const;

/** Events handled in every state that is not final. */
const anytime = {
  reported: take,
  stranger: take,
  unreadable: take,
  ticked: [{ guard: 'isNewlyHeldUp', actions: ['warn', 'take'] }, take],
  interrupted: [{ guard: 'isToBeLeft', target: 'left' }, take],
  failed: take,
  exited: { target: 'ended' },
} as const;

const stopped = { guard: 'isToBeStopped', target: 'stopping' } as const;
const ending = [stopped, { guard: 'isFinished', target: 'finishing' }] as const;

/**
 * One attempt at a training run, from its launch until no process of it is left: its phase, and when it has to be
 * stopped. Pure: deadlines are data, and its actions `stop` and `warn` are only requests (see `advanceAttempt`). The
 * engine feeds it events and carries out its requests.
 */
export const attemptMachine = setup({
  types: {
    context: {} as AttemptContext,
    events: {} as AttemptEvent,
    input: {} as AttemptInput,
  },
  guards: {
    isQueued: ({ context }) => context.waiting,
    isItsTurn: ({ context }) => !context.waiting,
    isHeardOf: ({ context }) => context.facts.reported,
    isPastWarmup: ({ context: { facts, input } }) => facts.lastEpoch >= input.setting.warmupEpochs,
    isPastStabilization: ({ context: { facts, input } }) => facts.lastEpoch >= input.epochs - input.setting.decayEpochs,
    isTrained: ({ context: { facts, input } }) => facts.lastEpoch >= input.epochs,
    isFinished: ({ context }) => context.facts.finished,
    isToBeStopped: ({ context }) => context.stopCause !== null,
    isToBeLeft: ({ context, event }) => event.type === 'interrupted' && event.resumes && context.input.outlivesEngine,
    isNewlyHeldUp: ({ context, event }) =>
      event.type === 'ticked' && event.heldUpBy !== null && event.heldUpBy !== context.heldUpBy,
    isLingering: ({ context, event }) =>
      event.type === 'ticked' && context.lingerUntilMs !== null && event.atMs >= context.lingerUntilMs,
  },
  actions: {
    take: assign(({ context, event }) => taken(context, event)),
    stop: () => {},
    warn: () => {},
  },
}).createMachine({
  id: 'attempt',
  context: ({ input }) => newAttempt(input),
  initial: 'launched',
  states: {
    launched: {
      always: [...ending, { guard: 'isHeardOf', target: 'warmingUp' }, { guard: 'isQueued', target: 'queued' }],
      on: anytime,
    },
    queued: {
      always: [...ending, { guard: 'isHeardOf', target: 'warmingUp' }, { guard: 'isItsTurn', target: 'launched' }],
      on: anytime,
    },
    warmingUp: { always: [...ending, { guard: 'isPastWarmup', target: 'stabilizing' }], on: anytime },
    stabilizing: { always: [...ending, { guard: 'isPastStabilization', target: 'decaying' }], on: anytime },
    decaying: { always: [...ending, { guard: 'isTrained', target: 'evaluating' }], on: anytime },
    evaluating: { always: ending, on: anytime },
    // The trainer has reported everything; a hang in its teardown does not matter.
    finishing: {
      always: stopped,
      on: { ...anytime, ticked: [{ guard: 'isLingering', target: 'stopping', actions: 'take' }, ...anytime.ticked] },
    },
    stopping: {
      entry: 'stop',
      on: { ...anytime, unstoppable: { target: 'ended' } },
    },
    ended: { type: 'final' },
    left: { type: 'final' },
  },
});
