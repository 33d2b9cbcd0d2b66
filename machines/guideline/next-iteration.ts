import type { GuidelineAction } from '../../src/domain/guideline.ts';
import type { Iteration } from '../../src/domain/study.ts';
import { ruleFrom } from '../decision/index.ts';
import { applyAction } from './apply-action.ts';
import type { GuidelineContext } from './context.ts';
import { compareEvidence, evidenceFor, evidenceOf, noiseAware, ranked } from './evidence.ts';
import type { NextStep, Start, Tuning, Validation } from './next-step.ts';
import { bestOf, lastTuned, standings, trainedIterations } from './record.ts';
import { confirmedIteration, isFaster } from './validation/confirmed.ts';
import { type Helped, type LastStep, nextOfLine, rateStep } from './words/line.ts';
import { actionText } from './words/words.ts';

type List = NonNullable<Tuning['list']>;

/** Whether the defaults are trained as they are (k ≤ threshold), rather than tuned at once. */
export function defaultsTrained({ input }: GuidelineContext): boolean {
  return input.workers <= input.guideline.threshold;
}

export function budgetLeft(context: GuidelineContext): boolean {
  return trainedIterations(context.iterations, defaultsTrained(context)) < context.input.budget.iterations;
}

export interface NextTuningOptions extends Helped {
  /** With several rounds, try the actions from the second best setting too once none is left from the best. */
  elsewhere?: boolean;
}

/** The next tuning step: the current action's next one, or the first that fits among the actions after it. */
export function nextTuning(context: GuidelineContext, options: NextTuningOptions): NextStep {
  return nextIn(context, context.tuning?.list ?? 'actions', options);
}

/** The next step towards more speed after a setting was confirmed. */
export function nextForSpeed(context: GuidelineContext): NextStep {
  return nextIn(context, 'forSpeed', { improved: context.tuning?.list === 'forSpeed' });
}

function nextIn(context: GuidelineContext, list: List, options: NextTuningOptions): NextStep {
  const { elsewhere = false, ...helped } = options;
  const { guideline } = context.input;
  const actions = guideline[list] ?? [];
  const tuning = (context.tuning?.list ?? 'actions') === list ? context.tuning : null;
  const skipped: string[] = [];
  const going =
    tuning === null ? null : continueTuning(context, { action: actions[tuning.position]!, tuning, ...helped });
  const first = tuning === null ? 0 : tuning.position + 1;
  const round = tuning?.round ?? 0;
  const again = list === 'actions' && noiseAware(context) !== null && round + 1 < (guideline.rounds ?? 1);
  const steps = [
    () => going,
    ...actions.slice(first).map((_, index) => () => begin(context, list, first + index, round)),
    ...(again ? actions : []).map((_, index) => () => begin(context, list, index, round + 1)),
    ...(elsewhere && (guideline.rounds ?? 1) > 1 ? actions : []).map(
      (_, index) => () => begin(context, list, index, round + 1, secondBest(context)),
    ),
  ];
  for (const step of steps) {
    const tried = step();
    if (tried === null) continue;
    if (typeof tried === 'string') {
      skipped.push(tried);
      continue;
    }
    if (!budgetLeft(context)) return { type: 'end', outcome: 'budgetSpent', reason: budgetSentence(context) };
    return { ...tried, skipped: [...skipped, ...tried.skipped] };
  }
  return {
    type: 'end',
    outcome: 'exhausted',
    reason: ['no action of the guideline is left', ...new Set(skipped)].join('; '),
  };
}

/** A step, or why there is none. */
type Tried = (NextStep & { type: 'tune' }) | string;

/** The current action's next step; null when the action has ended. */
function continueTuning(context: GuidelineContext, last: LastStep): Tried | null {
  const { action, tuning, improved } = last;
  const line = nextOfLine(context, last);
  if (line !== undefined) {
    return line === null ? null : attempt(context, { ...line, refused: 'cannot continue to' });
  }
  if (!improved) return null;
  const start = lastTuned(context);
  return attempt(context, { action, start, tuning, refused: 'cannot continue to' });
}

/** The first step of the next action. */
function begin(context: GuidelineContext, list: List, position: number, round = 0, from?: Start): Tried {
  const action = context.input.guideline[list]![position]!;
  const start = from ?? (list === 'forSpeed' ? confirmedIteration(context)! : startOf(context, action));
  if (typeof start === 'string') return `skipped ${actionText[action.action]}: ${start}`;
  const tuning: Tuning = {
    position,
    startInitialLr: start.setting.initialLr,
    optimizersTried: 0,
    ...(round > 0 ? { round } : {}),
  };
  const own = list === 'forSpeed' ? { ...tuning, list } : tuning;
  if (action.action !== 'tuneInitialLr') return attempt(context, { action, start, tuning: own, refused: 'skipped' });
  const down = rateStep(own, { from: start.number, direction: 'down', moved: false, turned: false });
  const tried = attempt(context, { action, start, tuning: down, refused: 'skipped' });
  if (typeof tried !== 'string') return tried;
  const up = rateStep(own, { from: start.number, direction: 'up', moved: false, turned: true });
  return attempt(context, { action, start, tuning: up, refused: 'skipped' });
}

interface AttemptOptions {
  action: GuidelineAction;
  start: Start;
  tuning: Tuning;
  refused: string;
}

/** One step of an action from a setting, unless it does not fit, was trained before, or must be faster and is not. */
function attempt(context: GuidelineContext, { action, start, tuning, refused }: AttemptOptions): Tried {
  const { epochs, workers, capabilities } = context.input;
  const { startInitialLr, optimizersTried } = tuning;
  const applied = applyAction({
    ...{ action, setting: start.setting, epochs, workers, startInitialLr, optimizersTried },
    direction: tuning.line?.direction,
    optimizers: capabilities?.optimizers,
  });
  const no = (reason: string) => `${refused} ${actionText[action.action]}: ${reason}`;
  if (applied.state === 'exhausted') return no(applied.reason);
  const { setting, notes } = applied;
  const known = noiseAware(context) === null ? undefined : evidenceFor(context, setting);
  if (known !== undefined) return no(`iteration ${known.iteration.number} was that setting already`);
  if (tuning.list === 'forSpeed' && !isFaster(context, setting)) return no('it would not be faster');
  return {
    type: 'tune',
    action: action.action,
    setting,
    parent: start.number,
    tuning: { ...tuning, optimizersTried: applied.optimizersTried || optimizersTried },
    skipped: notes,
  };
}

/** A validation, by default of the last iteration, if the budget allows it. */
export function nextValidation(context: GuidelineContext, of: Omit<Validation, 'type'> = {}): NextStep {
  return budgetLeft(context)
    ? { type: 'validate', ...of }
    : { type: 'end', outcome: 'budgetSpent', reason: `${budgetSentence(context)}, none is left to validate` };
}

function budgetSentence({ input }: GuidelineContext): string {
  const { iterations } = input.budget;
  return `the budget of ${iterations} ${iterations === 1 ? 'iteration' : 'iterations'} is spent`;
}

/**
 * Where an action starts: with `from: newOptimizer`, the best setting with the optimizer last changed to, or why not from
 * there.
 */
function startOf(context: GuidelineContext, action: GuidelineAction): Start | string {
  if (action.action !== 'extendTraining' || action.from === undefined) return newStart(context);
  const { iterations, input } = context;
  const changed = iterations.findLast((iteration) => iteration.action === 'changeOptimizer')?.setting.optimizer;
  const isOfChanged = ({ iteration }: { iteration: Iteration }) => iteration.setting.optimizer === changed;
  const noise = noiseAware(context);
  if (noise === null) {
    const { metrics, definitions } = ruleFrom(input.rule);
    return bestOf(standings(iterations).filter(isOfChanged), metrics, definitions)?.iteration ?? noneOfChanged;
  }
  const all = ranked(context, evidenceOf(context));
  const [best, own] = [all[0], all.find(isOfChanged)];
  if (best === undefined || own === undefined) return noneOfChanged;
  if (best === own) return own.iteration;
  const { verdict, saw } = compareEvidence(context, { own, rival: best, noise });
  return verdict === 'worse' ? `with ${changed}, ${saw}` : own.iteration;
}

const noneOfChanged = 'no run with another optimizer has a result';

/** A new action starts from the best setting so far, or the previous one, as the guideline says. */
function newStart(context: GuidelineContext): Start {
  const { input, iterations } = context;
  const { metrics, definitions } = ruleFrom(input.rule);
  const best = noiseAware(context)
    ? ranked(context, evidenceOf(context))[0]?.iteration
    : bestOf(standings(iterations), metrics, definitions)?.iteration;
  return input.guideline.startFrom === 'previous' || !best ? lastTuned(context) : best;
}

/** The second best setting, to start from once everything around the best was tried. */
function secondBest(context: GuidelineContext): Start {
  const [best, second] = ranked(context, evidenceOf(context));
  return (second ?? best)?.iteration ?? lastTuned(context);
}
