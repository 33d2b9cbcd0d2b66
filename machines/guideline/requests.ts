import type { Iteration, RunRequest } from '../../src/domain/study.ts';
import { ruleFrom } from '../decision/index.ts';
import { confirmingValidation, extendingIteration } from './baseline/extended-baseline.ts';
import type { GuidelineContext } from './context.ts';

/** Missing baseline runs, all at once, since they do not depend on each other. */
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

/** Runs awaited after the baseline: the last iteration's and any baseline runs it needs, or repeats to compare two. */
export function awaitedRuns(context: GuidelineContext): RunRequest[] {
  const { iterations, next } = context;
  if (next?.type === 'extendBaseline') return extendingRequests(context);
  if (next?.type !== 'compare') {
    const last = iterations.at(-1)!;
    const ofOne = baselineRequests(context);
    // A validation may need more baseline runs along with its first runs, which may be in already.
    return ofOne.length > 0 && last.results.length >= atOnce(context, last)
      ? ofOne
      : [...ofOne, ...iterationRequests(context, last)];
  }
  return iterations
    .filter(({ number, results }) => {
      const wanted = next.repeats.find((repeat) => repeat.iteration === number);
      return wanted !== undefined && results.length < wanted.runs;
    })
    .map((iteration) => iterationRequest(context, iteration, iteration.results.length + 1));
}

/** The extended baseline's runs; once these are in, any further validating runs. */
function extendingRequests(context: GuidelineContext): RunRequest[] {
  const extending = extendingIteration(context);
  const validation = confirmingValidation(context);
  if (extending === undefined || validation === undefined) return [];
  if (extending.results.length >= context.baseline.length) return iterationRequests(context, validation);
  const back = new Set(extending.results.map(({ repeat }, index) => repeat ?? index + 1));
  return Array.from({ length: context.baseline.length }, (_, index) => index + 1)
    .filter((repeat) => !back.has(repeat))
    .map((repeat) => ({
      key: `extended-baseline-${repeat}`,
      kind: 'baseline',
      iteration: extending.number,
      repeat,
      workers: 1,
      setting: extending.setting,
    }));
}

/** How many of the iteration's runs are requested together: all of an extended baseline, several when validating. */
export function atOnce({ input, baseline }: GuidelineContext, { action }: Pick<Iteration, 'action'>): number {
  if (action === 'extendBaseline') return baseline.length;
  return action === 'validate' ? (input.guideline.comparing?.validatingAtOnce ?? 1) : 1;
}

/** The runs that an iteration or a validation waits for: those missing from the batch, in order of their repeats. */
function iterationRequests(context: GuidelineContext, iteration: Iteration): RunRequest[] {
  const { results } = iteration;
  const batch = atOnce(context, iteration);
  const most = Math.max(ruleFrom(context.input.rule).maximumValidationRuns, results.length + 1);
  const wanted = Math.min(most, (Math.floor(results.length / batch) + 1) * batch);
  const back = new Set(results.map(({ repeat }, index) => repeat ?? index + 1));
  return Array.from({ length: wanted }, (_, index) => index + 1)
    .filter((repeat) => !back.has(repeat))
    .map((repeat) => iterationRequest(context, iteration, repeat));
}

function iterationRequest({ input }: GuidelineContext, iteration: Iteration, repeat: number): RunRequest {
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
