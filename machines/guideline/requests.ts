import type { Iteration, RunRequest } from '../../src/domain/study.ts';
import type { GuidelineContext } from './context.ts';

/** Baseline runs that have not come back, all at once: they do not depend on each other. */
export function baselineRequests(context: GuidelineContext): RunRequest[] {
  const { input, baseline, baselineGiven, baselineRuns = input.baseline.runs } = context;
  if (baselineGiven) return [];
  const done = new Set(baseline.map(({ key }) => key));
  return Array.from(
    { length: baselineRuns },
    (_, index): RunRequest => ({
      key: `baseline-${index + 1}`,
      kind: 'baseline',
      iteration: null,
      repeat: index + 1,
      workers: 1,
      setting: input.baseline.setting,
    }),
  ).filter(({ key }) => !done.has(key));
}

/** The runs that the study waits for after its baseline: of the last iteration and what it needs of one worker, or repeats that compare two. */
export function awaitedRuns(context: GuidelineContext): RunRequest[] {
  const { iterations, next } = context;
  if (next?.type !== 'compare') {
    const last = iterations.at(-1)!;
    const ofOne = baselineRequests(context);
    // A validation asks for more of one worker beside its first run; that one may be in already.
    return ofOne.length > 0 && last.results.length > 0 ? ofOne : [...ofOne, iterationRequest(context, last)];
  }
  return iterations
    .filter(({ number, results }) => {
      const wanted = next.repeats.find((repeat) => repeat.iteration === number);
      return wanted !== undefined && results.length < wanted.runs;
    })
    .map((iteration) => iterationRequest(context, iteration));
}

/** The one run that an iteration or a validation waits for. */
export function iterationRequest({ input }: GuidelineContext, iteration: Iteration): RunRequest {
  const repeat = iteration.results.length + 1;
  const validation = iteration.action === 'validate';
  return {
    key: validation
      ? `validation-${iteration.number}-${repeat}`
      : `iteration-${iteration.number}${repeat === 1 ? '' : `-${repeat}`}`,
    kind: validation ? 'validation' : 'iteration',
    iteration: iteration.number,
    repeat,
    workers: input.workers,
    setting: iteration.setting,
  };
}
