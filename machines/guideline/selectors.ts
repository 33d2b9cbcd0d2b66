import type { Setting } from '../../src/domain/setting.ts';
import type { Decision, Iteration, RunRequest, StudyOutcome } from '../../src/domain/study.ts';
import { count } from '../../src/domain/text/format.ts';
import { bestSetting, ruleFrom } from '../decision/index.ts';
import { onWorkers } from './record.ts';
import { awaitedRuns, baselineRequests } from './requests.ts';
import type { GuidelineState } from './state.ts';
import { confirmedIteration } from './validation/confirmed.ts';
import { actionText } from './words/words.ts';

/** Runs the flowchart waits for; all of them may be started now. None once the study has ended. */
export function pendingRuns({ context, value, status }: GuidelineState): RunRequest[] {
  if (status !== 'active') return [];
  if (value === 'baseline') return baselineRequests(context);
  return awaitedRuns(context);
}

/** Every decision so far, in order. */
export function decisions({ context }: GuidelineState): Decision[] {
  return context.decisions;
}

/** The rows of the thesis's table so far, iteration 0 first. */
export function iterations({ context }: GuidelineState): Iteration[] {
  return context.iterations;
}

/** How the study ended and why; null while it runs. */
export function outcome({ context }: GuidelineState): { outcome: StudyOutcome; reason: string } | null {
  return context.ending;
}

/** The setting in training, or the last one trained; before that the default one. */
export function currentSetting({ context }: GuidelineState): Setting {
  return context.iterations.at(-1)?.setting ?? context.input.setting;
}

/** The iteration that first trained the best setting (`bestSetting`), at the end the confirmed one; null if none. */
export function bestIteration({ context }: GuidelineState): Iteration | null {
  const { metrics, definitions } = ruleFrom(context.input.rule);
  const runs = onWorkers(context.iterations).flatMap(({ number, setting, results }) =>
    results.map((result) => ({
      iteration: number,
      setting,
      state: result.state,
      metrics: result.state === 'failed' ? null : result.metrics,
    })),
  );
  const confirmed = context.ending?.outcome === 'noLoss' ? confirmedIteration(context)?.number : null;
  const first = bestSetting(runs, { metrics, definitions, confirmed })?.iterations[0];
  return context.iterations.find(({ number }) => number === first) ?? null;
}

/** Name of the state in the flowchart: `baseline`, `training`, `validating`, or an outcome. */
export function stateName({ value }: GuidelineState): string {
  return String(value);
}

/** What runs now, and why, in a sentence. */
export function describeNext(state: GuidelineState): string {
  const { context, value, status } = state;
  const { input } = context;
  const because = context.decisions.at(-1)?.reason;
  if (status !== 'active') return because ?? 'The study has ended.';
  if (value === 'baseline') {
    const left = pendingRuns(state).length;
    return `Training the single-worker baseline: ${left} of ${input.baseline.runs} runs to come.`;
  }
  const current = context.iterations.at(-1)!;
  const extending = describeExtending(state);
  const what =
    extending !== null
      ? `Iteration ${current.number}: ${extending}`
      : current.action === 'validate'
        ? `Iteration ${current.number}: validating iteration ${current.parent} with ${repeatsText(state, current)} of at most ${ruleFrom(input.rule).maximumValidationRuns})`
        : `Iteration ${current.number}: ${actionText[current.action]}, ${count(input.workers, 'worker')}`;
  return `${what}. Why: ${because}.`;
}

/** "a new seed (run 3" or "new seeds (runs 3 and 4". */
function repeatsText(state: GuidelineState, { number, results }: Iteration): string {
  const waiting = pendingRuns(state).flatMap(({ iteration, repeat }) => (iteration === number ? [repeat] : []));
  const last = waiting.pop() ?? results.length;
  return waiting.length === 0 ? `a new seed (run ${last}` : `new seeds (runs ${waiting.join(', ')} and ${last}`;
}

/** "training one worker 60 epochs too, 3 of 5 runs to come", or the validating runs; null in any other state. */
function describeExtending(state: GuidelineState): string | null {
  const { context, value } = state;
  if (value !== 'extendingBaseline') return null;
  const left = pendingRuns(state);
  const epochs = context.iterations.at(-1)?.setting.epochs;
  return left.some(({ kind }) => kind === 'baseline')
    ? `training one worker ${epochs} epochs too, ${left.length} of ${context.baseline.length} runs to come`
    : `${left.length === 1 ? 'one more validating run' : `${left.length} more validating runs`} to hold against one worker with ${epochs} epochs`;
}
