import type { GuidelineEvent, RunEvaluation, RunRequest } from '../../src/domain/study.ts';
import type { GuidelineContext } from './context.ts';
import { baselineRequests } from './requests.ts';
import { outcome, pendingRuns } from './selectors.ts';
import { advance, type GuidelineState } from './state.ts';

/**
 * Up to `most` runs that the flowchart would request next if the awaited runs came out as expected: a tuning step does
 * not help, validating runs leave the question open. This decides nothing: a run trained ahead counts only once the
 * flowchart requests that very run, so the decisions are the same as without training ahead.
 */
export function runsAhead(state: GuidelineState, most: number): RunRequest[] {
  const known = new Set(pendingRuns(state).map(({ key }) => key));
  const ahead: RunRequest[] = [];
  for (let supposed = suppose(state); supposed !== null && ahead.length < most; supposed = suppose(supposed)) {
    for (const request of pendingRuns(supposed)) {
      if (known.has(request.key)) continue;
      known.add(request.key);
      ahead.push(request);
    }
  }
  return ahead.slice(0, Math.max(0, most));
}

/** The state after the awaited runs came out as expected; null if that cannot be told, or the study would end. */
function suppose(state: GuidelineState): GuidelineState | null {
  const { context, value } = state;
  if (value !== 'training' && value !== 'validating') return null;
  if (context.next?.type === 'compare') return null;
  let supposed = state;
  for (const request of pendingRuns(state)) {
    const event = supposedResult(context, request);
    if (event === null) return null;
    supposed = advance(supposed, event);
  }
  return outcome(supposed) === null ? supposed : null;
}

function supposedResult(context: GuidelineContext, { key, kind, iteration }: RunRequest): GuidelineEvent | null {
  if (kind === 'iteration') return { type: 'run.diverged', key, reason: 'supposed', metrics: null };
  const alike = kind === 'baseline' ? baselineLike(context, key) : iterationLike(context, iteration);
  return alike === null ? null : { ...alike, type: 'run.finished', key };
}

function baselineLike(context: GuidelineContext, key: string): RunEvaluation | null {
  const [first] = context.baseline;
  if (first === undefined || !baselineRequests(context).some((request) => request.key === key)) return null;
  return first;
}

/** The last finished result of the iteration, or of the one that it validates. */
function iterationLike({ iterations }: GuidelineContext, number: number | null): RunEvaluation | null {
  const own = iterations.find((each) => each.number === number);
  const parent = iterations.find((each) => each.number === own?.parent);
  const last = [...(parent?.results ?? []), ...(own?.results ?? [])].findLast(({ state }) => state === 'finished');
  if (last?.state !== 'finished') return null;
  const { state: _, repeat: _repeat, ...evaluation } = last;
  return evaluation;
}
