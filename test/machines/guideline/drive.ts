import fc from 'fast-check';
import {
  advance,
  type GuidelineInput,
  type GuidelineState,
  guidelineHash,
  outcome,
  pendingRuns,
  resolveGuideline,
  shippedGuidelines,
  start,
} from '../../../machines/guideline/index.ts';
import { extendBaselines } from '../../../src/domain/guideline.ts';
import type { Setting } from '../../../src/domain/setting.ts';
import type { GuidelineEvent } from '../../../src/domain/study.ts';

export const setting: Setting = {
  initialLr: 0.5,
  decayCoefficient: 3,
  warmupEpochs: 5,
  decayEpochs: 15,
  optimizer: 'sgd',
};

export function inputOf(overrides: Partial<GuidelineInput> = {}): GuidelineInput {
  const guideline = overrides.guideline ?? resolveGuideline('thesis');
  return {
    guideline,
    guidelineHash: guidelineHash(guideline),
    rule: { rule: 'thesis', metrics: ['dice', 'meanIoU'], tolerance: 0.002 },
    workers: 18,
    epochs: 40,
    baseline: { runs: 1, setting },
    setting,
    budget: { iterations: 20 },
    ...overrides,
  };
}

export function finish(state: GuidelineState, dice: number): GuidelineState {
  const [run] = pendingRuns(state);
  return run ? advance(state, { type: 'run.finished', key: run.key, metrics: { dice, meanIoU: dice } }) : state;
}

/** Starts a study with baseline 0.8 and feeds it these dice values until it ends. */
export function play(dice: number[], overrides: Partial<GuidelineInput> = {}): GuidelineState {
  let state = start(inputOf(overrides));
  while (pendingRuns(state)[0]?.kind === 'baseline') state = finish(state, 0.8);
  for (const value of dice) state = finish(state, value);
  return state;
}

/** What comes back for the next run. Coarse values, so that ties and near misses happen. */
export type Reply = { kind: 'finished'; dice: number; iou: number } | { kind: 'diverged' } | { kind: 'failed' };

const value = fc.integer({ min: 760, max: 820 }).map((thousandths) => thousandths / 1000);
const finished = fc.record({ kind: fc.constant('finished' as const), dice: value, iou: value });
export const reply: fc.Arbitrary<Reply> = fc.oneof(
  { weight: 20, arbitrary: finished },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('diverged' as const) }) },
);
export const anyReply: fc.Arbitrary<Reply> = fc.oneof(
  { weight: 40, arbitrary: reply },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('failed' as const) }) },
);

const rule: fc.Arbitrary<GuidelineInput['rule']> = fc.constantFrom(
  { rule: 'thesis', metrics: ['dice', 'meanIoU'], tolerance: 0.002 },
  { rule: 'nonInferiority', metrics: ['dice', 'meanIoU'], margin: 0.01, alpha: 0.05, maxRuns: 4 },
);

export const anyInput: fc.Arbitrary<GuidelineInput> = fc
  .record({
    rule,
    workers: fc.integer({ min: 1, max: 24 }),
    guideline: fc.constantFrom(...Object.values(shippedGuidelines)),
    iterations: fc.integer({ min: 1, max: 25 }),
    runs: fc.integer({ min: 2, max: 4 }),
    startFrom: fc.constantFrom('best' as const, 'previous' as const),
    extend: fc.constantFrom(...extendBaselines),
  })
  .map(({ rule, workers, guideline, iterations, runs, startFrom, extend }) =>
    inputOf({
      rule,
      workers,
      guideline: { ...guideline, startFrom },
      budget: { iterations },
      baseline: { runs, setting, extend },
    }),
  );

export function eventOf(key: string, answer: Reply): GuidelineEvent {
  switch (answer.kind) {
    case 'finished':
      return { type: 'run.finished', key, metrics: { dice: answer.dice, meanIoU: answer.iou } };
    case 'diverged':
      return { type: 'run.diverged', key, reason: 'loss not finite', metrics: null };
    case 'failed':
      return { type: 'run.failed', key, reason: 'out of memory' };
  }
}

/** Every state on the way; replies are used in turn, the last one for good. */
export function run(input: GuidelineInput, replies: Reply[]): GuidelineState[] {
  const states = [start(input)];
  for (let i = 0; i < 500; i++) {
    const state = states.at(-1)!;
    if (outcome(state)) return states;
    const [request] = pendingRuns(state);
    const answer: Reply =
      request!.kind === 'baseline'
        ? { kind: 'finished', dice: 0.8 + i / 1000, iou: 0.8 }
        : replies[i % replies.length]!;
    states.push(advance(state, eventOf(request!.key, answer)));
  }
  throw new Error('the study does not end');
}
