import type { Setting } from '../../src/domain/setting.ts';
import { ruleFrom } from '../decision/index.ts';
import { applyAction } from './apply-action.ts';
import type { GuidelineContext } from './context.ts';
import type { NextStep } from './next-step.ts';
import { bestOf, standings, trainedIterations } from './record.ts';
import { actionText } from './words.ts';

/** Are the defaults trained as they are (k ≤ threshold), or does tuning start at once? */
export function defaultsTrained({ input }: GuidelineContext): boolean {
  return input.workers <= input.guideline.threshold;
}

export function budgetLeft(context: GuidelineContext): boolean {
  return trainedIterations(context.iterations, defaultsTrained(context)) < context.input.budget.iterations;
}

/**
 * The next tuning step: another step of the current action where `repeat` is true and one fits, otherwise the first
 * step that fits of the actions after it.
 */
export function planTuning(context: GuidelineContext, { repeat }: { repeat: boolean }): NextStep {
  const { input, tuning } = context;
  const { actions } = input.guideline;
  const skipped: string[] = [];
  const first = tuning === null ? 0 : repeat ? tuning.position : tuning.position + 1;
  for (let position = first; position < actions.length; position++) {
    const action = actions[position]!;
    const again = repeat && tuning !== null && position === tuning.position;
    const start = again ? lastStart(context) : newStart(context);
    const progress = again
      ? { startInitialLr: tuning.startInitialLr, optimizersTried: tuning.optimizersTried }
      : { startInitialLr: start.setting.initialLr, optimizersTried: 0 };
    const optimizers = input.capabilities?.optimizers;
    const applied = applyAction({ action, setting: start.setting, epochs: input.epochs, optimizers, ...progress });
    if (applied.state === 'exhausted') {
      skipped.push(`${again ? 'cannot go on to' : 'skipped'} ${actionText[action.action]}: ${applied.reason}`);
      continue;
    }
    const { setting, optimizersTried, notes } = applied;
    if (!budgetLeft(context)) return { step: 'end', outcome: 'budgetSpent', reason: budgetSentence(context) };
    return {
      step: 'tune',
      action: action.action,
      setting,
      parent: start.parent,
      tuning: { position, startInitialLr: progress.startInitialLr, optimizersTried },
      skipped: [...skipped, ...notes],
    };
  }
  const reason = ['no action of the guideline is left', ...skipped].join('; ');
  return { step: 'end', outcome: 'exhausted', reason };
}

/** Validation of the last iteration, if the budget still holds one. */
export function planValidation(context: GuidelineContext): NextStep {
  return budgetLeft(context)
    ? { step: 'validate' }
    : { step: 'end', outcome: 'budgetSpent', reason: `${budgetSentence(context)}, none is left to validate` };
}

function budgetSentence({ input }: GuidelineContext): string {
  const { iterations } = input.budget;
  return `the budget of ${iterations} ${iterations === 1 ? 'iteration' : 'iterations'} is spent`;
}

/** A repeated action goes on from the last tuning iteration. */
function lastStart({ iterations }: GuidelineContext): { setting: Setting; parent: number } {
  const last = iterations.filter(({ action }) => action !== 'validate').at(-1)!;
  return { setting: last.setting, parent: last.number };
}

/** A new action starts from the best setting so far, or the previous one, as the guideline says. */
function newStart(context: GuidelineContext): { setting: Setting; parent: number } {
  const { input, iterations } = context;
  const { metrics, definitions } = ruleFrom(input.rule);
  const best = bestOf(standings(iterations), metrics, definitions)?.iteration;
  if (input.guideline.startFrom === 'previous' || !best) return lastStart(context);
  return { setting: best.setting, parent: best.number };
}
