import type { GuidelineAction } from '../../../src/domain/guideline.ts';
import type { Iteration } from '../../../src/domain/study.ts';
import type { GuidelineContext } from '../context.ts';
import { type Evidence, evidenceOf, noiseAware } from '../evidence.ts';
import type { Line, Start, Tuning } from '../next-step.ts';
import { lastTuned } from '../record.ts';

/** Only the number of steps bounds the rate search of an optimizer. */
const unbounded = { minimum: Number.MIN_VALUE, maximum: Number.MAX_VALUE };

export interface LineStep {
  action: GuidelineAction;
  start: Start;
  tuning: Tuning;
}

/** Whether the last step helped. */
export interface Helped {
  improved: boolean;
  /** It may have helped: its mean is the better one, but that can be chance. */
  unsure?: boolean;
}

/** The step of an action that was trained last. */
export interface LastStep extends Helped {
  action: GuidelineAction;
  tuning: Tuning;
}

/**
 * The next step of a rate search: onward while it helps; then in the other direction, from where it started, if no step
 * was shown to help. Null when the search has ended; undefined when the action is no such search.
 */
export function nextOfLine(
  context: GuidelineContext,
  { action, tuning, ...helped }: LastStep,
): LineStep | null | undefined {
  if (action.action === 'tuneInitialLr') return nextStep(context, { action, tuning, ...helped });
  if (action.action !== 'changeOptimizer' || action.rate === undefined || noiseAware(context) === null)
    return undefined;
  const search = { action: 'tuneInitialLr' as const, factor: 1 / action.rate.factor, ...unbounded };
  if (tuning.line !== undefined) return nextStep(context, { action: search, tuning, ...helped });
  const first = lastTuned(context);
  const left = action.rate.steps - 1;
  if (left === 0) return null;
  const line: Line = { from: first.number, direction: 'up', moved: false, turned: false, left };
  return { action: search, start: first, tuning: rateStep(tuning, line) };
}

function nextStep(context: GuidelineContext, { action, tuning, improved, unsure = false }: LastStep): LineStep | null {
  const { line } = tuning;
  if (line === undefined || line.left === 0) return null;
  if (improved)
    return { action, start: lastTuned(context), tuning: rateStep(tuning, { ...line, moved: line.moved || !unsure }) };
  const from = context.iterations.find(({ number }) => number === line.from);
  if (line.moved || line.turned || from === undefined) return null;
  const direction = line.direction === 'down' ? 'up' : 'down';
  return { action, start: from, tuning: rateStep(tuning, { ...line, direction, turned: true }) };
}

/** The tuning with one more step of a line taken. */
export function rateStep(tuning: Tuning, line: Line): Tuning {
  return { ...tuning, line: line.left === undefined ? line : { ...line, left: line.left - 1 } };
}

/** What a result is compared with: the other settings of the current rate search, or all others. */
export function rivalsOf(context: GuidelineContext, current: Iteration): Evidence[] {
  const others = evidenceOf(context).filter(({ iteration }) => iteration.number !== current.number);
  const from = context.tuning?.line?.from;
  return from === undefined ? others : others.filter(({ iteration }) => iteration.number >= from);
}
