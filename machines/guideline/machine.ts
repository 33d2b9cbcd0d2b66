import { assign, setup } from 'xstate';
import type { GuidelineEvent, Iteration, RunResult } from '../../src/domain/study.ts';
import { extendedSetting, extendingIteration } from './baseline/extended-baseline.ts';
import type { GuidelineContext } from './context.ts';
import { decideBaseline, decideEnding, decideResult } from './decide.ts';
import type { GuidelineInput } from './input.ts';
import { finiteEvaluation } from './parts.ts';
import { finiteMetrics } from './record.ts';
import { atOnce, awaitedRuns, baselineRequests } from './requests.ts';

/** Events handled in every state that waits for something. */
const anytime = {
  'budget.spent': [
    { guard: 'isConfirmed', target: '#guideline.noLoss', actions: 'decideBudgetSpent' },
    { target: '#guideline.budgetSpent', actions: 'decideBudgetSpent' },
  ],
  'study.cancelled': { target: '#guideline.cancelled', actions: 'decideCancelled' },
  'capabilities.known': { actions: 'storeCapabilities' },
  'metrics.known': { actions: 'storeDefinitions' },
} as const;

const evaluated = [
  { guard: 'isLastAwaited', target: 'evaluating', actions: 'storeResult' },
  { guard: 'isAwaited', actions: 'storeResult' },
] as const;

const runEvents = {
  'run.finished': evaluated,
  'run.diverged': [{ guard: 'isBaselineRun', target: 'failed', actions: 'decideBaselineDiverged' }, ...evaluated],
  'run.failed': { guard: 'isAwaited', target: 'failed', actions: ['storeResult', 'decideFailed'] },
} as const;

/**
 * The flowchart (thesis Figure 6.3). It says what to train next and why, and does nothing itself: no timers, no
 * promises, so that replaying the same events always leads to the same state. Events that it does not await change
 * nothing.
 */
export const guidelineMachine = setup({
  types: {
    context: {} as GuidelineContext,
    events: {} as GuidelineEvent,
    input: {} as GuidelineInput,
  },
  guards: {
    isAwaited: ({ context, event }) => 'key' in event && awaitedKeys(context).includes(event.key),
    isLastAwaited: ({ context, event }) => 'key' in event && awaitedKeys(context).join() === event.key,
    isConfirmed: ({ context }) => (context.confirmed ?? null) !== null,
    isBaselineRun: ({ context, event }) =>
      'key' in event && baselineRequests(context).some(({ key }) => key === event.key),
    isComparisonNext: ({ context }) => context.next?.type === 'compare',
    isBaselineComplete: ({ context }) => baselineRequests(context).length === 0,
    isFirstBaseline: ({ context }) => context.baseline.length === 0,
    isTuningNext: ({ context }) => context.next?.type === 'tune',
    isTrainingNext: ({ context }) => context.next?.type === 'defaults',
    isValidationNext: ({ context }) => context.next?.type === 'validate',
    isRepeatNext: ({ context }) => context.next?.type === 'repeatValidation',
    isExtensionNext: ({ context }) => context.next?.type === 'extendBaseline',
    isNoLoss: ({ context }) => context.ending?.outcome === 'noLoss',
    isExhausted: ({ context }) => context.ending?.outcome === 'exhausted',
    isBudgetSpent: ({ context }) => context.ending?.outcome === 'budgetSpent',
    isFailed: ({ context }) => context.ending?.outcome === 'failed',
  },
  actions: {
    storeBaseline: assign(({ context, event }) => (event.type === 'run.finished' ? withBaseline(context, event) : {})),
    takeBaseline: assign(({ context, event }) => {
      if (event.type !== 'baseline.given') return {};
      if (event.summary !== undefined) {
        const { summary } = event;
        const input = { ...context.input, baseline: { ...context.input.baseline, runs: summary.n } };
        return {
          input,
          baselineGiven: true,
          baselineSummary: summary,
          baseline: [{ key: 'baseline-1', metrics: summary.mean }],
        };
      }
      const runs = event.runs.map((metrics, i) => ({ key: `baseline-${i + 1}`, metrics: finiteMetrics(metrics) }));
      const input = { ...context.input, baseline: { ...context.input.baseline, runs: runs.length } };
      return { input, baselineGiven: true, baseline: runs };
    }),
    storeResult: assign(({ context, event }) => {
      const result = resultOf(event);
      if (!result || !('key' in event) || context.iterations.length === 0) return {};
      if (event.type === 'run.finished' && baselineRequests(context).some(({ key }) => key === event.key)) {
        return withBaseline(context, event);
      }
      const request = awaitedRuns(context).find(({ key }) => key === event.key);
      const stored = (each: Iteration) => {
        if (request === undefined || each.number !== request.iteration) return each;
        if (atOnce(context, each) === 1) return { ...each, results: [...each.results, result] };
        const results = [...each.results, { ...result, repeat: request.repeat }];
        return { ...each, results: results.sort((one, other) => (one.repeat ?? 0) - (other.repeat ?? 0)) };
      };
      return { iterations: context.iterations.map(stored) };
    }),
    storeCapabilities: assign(({ context, event }) =>
      event.type === 'capabilities.known'
        ? { input: { ...context.input, capabilities: { optimizers: event.optimizers } } }
        : {},
    ),
    storeDefinitions: assign(({ context, event }) =>
      event.type === 'metrics.known'
        ? { input: { ...context.input, rule: { ...context.input.rule, definitions: event.metrics } } }
        : {},
    ),
    startIteration: assign(({ context }) => {
      const { next, iterations } = context;
      if (next?.type !== 'tune') return {};
      const { action, parent, setting, tuning } = next;
      const iteration: Iteration = { number: iterations.length, action, parent, setting, results: [] };
      return { iterations: [...iterations, iteration], tuning };
    }),
    startValidation: assign(({ context }) => {
      const { iterations, next } = context;
      const { parent: named, baselineRuns = context.baselineRuns } = next?.type === 'validate' ? next : {};
      const { number: parent, setting } = iterations.find(({ number }) => number === named) ?? iterations.at(-1)!;
      const validation: Iteration = { number: iterations.length, action: 'validate', parent, setting, results: [] };
      return { iterations: [...iterations, validation], ...(baselineRuns === undefined ? {} : { baselineRuns }) };
    }),
    startExtension: assign(({ context }) => {
      const { iterations, confirmed } = context;
      const setting = extendedSetting(context);
      if (setting === null || extendingIteration(context) !== undefined) return {};
      const parent = confirmed?.iteration ?? null;
      const extension: Iteration = {
        number: iterations.length,
        action: 'extendBaseline',
        parent,
        setting,
        results: [],
      };
      return { iterations: [...iterations, extension] };
    }),
    decideBaseline: assign(({ context }) => decideBaseline(context)),
    decideResult: assign(({ context }) => decideResult(context)),
    decideFailed: assign(({ context, event }) =>
      event.type === 'run.failed'
        ? decideEnding(context, 'guideline.runFailed', 'failed', `${event.key} failed: ${event.reason}`)
        : {},
    ),
    decideBaselineDiverged: assign(({ context, event }) => {
      if (event.type !== 'run.diverged') return {};
      const reason =
        `${event.key} diverged (${event.reason}): the single worker's own setting does not train, ` +
        'so there is nothing to compare with; lower setting.initialLr';
      return decideEnding(context, 'guideline.baselineDiverged', 'failed', reason);
    }),
    decideBudgetSpent: assign(({ context, event }) =>
      event.type === 'budget.spent' ? decideEnding(context, 'guideline.budgetSpent', 'budgetSpent', event.reason) : {},
    ),
    decideCancelled: assign(({ context, event }) =>
      event.type === 'study.cancelled' ? decideEnding(context, 'guideline.cancelled', 'cancelled', event.reason) : {},
    ),
  },
}).createMachine({
  id: 'guideline',
  context: ({ input }) => ({
    input,
    baseline: [],
    iterations: [],
    decisions: [],
    tuning: null,
    next: null,
    ending: null,
  }),
  initial: 'baseline',
  states: {
    baseline: {
      always: { guard: 'isBaselineComplete', target: 'applyingDefaults' },
      on: {
        ...anytime,
        'baseline.given': { guard: 'isFirstBaseline', target: 'applyingDefaults', actions: 'takeBaseline' },
        'run.finished': { guard: 'isAwaited', actions: 'storeBaseline' },
        'run.diverged': { guard: 'isAwaited', target: 'failed', actions: 'decideBaselineDiverged' },
        'run.failed': { guard: 'isAwaited', target: 'failed', actions: 'decideFailed' },
      },
    },
    applyingDefaults: {
      entry: 'decideBaseline',
      always: [
        { guard: 'isTuningNext', target: 'tuning' },
        { guard: 'isTrainingNext', target: 'training' },
        { guard: 'isExhausted', target: 'exhausted' },
        { guard: 'isFailed', target: 'failed' },
      ],
    },
    tuning: { entry: 'startIteration', always: 'training' },
    training: { on: { ...anytime, ...runEvents } },
    evaluating: {
      entry: 'decideResult',
      always: [
        { guard: 'isValidationNext', target: 'validating', actions: 'startValidation' },
        { guard: 'isRepeatNext', target: 'validating' },
        { guard: 'isExtensionNext', target: 'extendingBaseline', actions: 'startExtension' },
        { guard: 'isComparisonNext', target: 'training' },
        { guard: 'isTuningNext', target: 'tuning' },
        { guard: 'isNoLoss', target: 'noLoss' },
        { guard: 'isExhausted', target: 'exhausted' },
        { guard: 'isBudgetSpent', target: 'budgetSpent' },
      ],
    },
    validating: { on: { ...anytime, ...runEvents } },
    extendingBaseline: { on: { ...anytime, ...runEvents } },
    noLoss: { type: 'final' },
    exhausted: { type: 'final' },
    budgetSpent: { type: 'final' },
    cancelled: { type: 'final' },
    failed: { type: 'final' },
  },
});

function withBaseline({ baseline }: GuidelineContext, event: GuidelineEvent & { type: 'run.finished' }) {
  const number = ({ key }: { key: string }) => Number(key.slice(key.lastIndexOf('-') + 1));
  const runs = [...baseline, { key: event.key, ...finiteEvaluation(event) }];
  return { baseline: runs.sort((one, other) => number(one) - number(other)) };
}

function awaitedKeys(context: GuidelineContext): string[] {
  const requests = context.iterations.length === 0 ? baselineRequests(context) : awaitedRuns(context);
  return requests.map(({ key }) => key);
}

function resultOf(event: GuidelineEvent): RunResult | null {
  switch (event.type) {
    case 'run.finished':
      return { state: 'finished', ...finiteEvaluation(event) };
    case 'run.diverged':
      return { state: 'diverged', reason: event.reason, metrics: event.metrics && finiteMetrics(event.metrics) };
    case 'run.failed':
      return { state: 'failed', reason: event.reason };
    case 'baseline.given':
    case 'capabilities.known':
    case 'metrics.known':
    case 'budget.spent':
    case 'study.cancelled':
      return null;
  }
}
