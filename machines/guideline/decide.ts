import type { Setting } from '../../src/domain/setting.ts';
import type { Decision, Iteration, Verdict } from '../../src/domain/study.ts';
import { count } from '../../src/domain/text/format.ts';
import { type Judgement, progress, ruleFrom, unitOf } from '../decision/index.ts';
import { answerSentence } from './answer.ts';
import { baselineProblem, baselineRemarks } from './baseline/baseline.ts';
import { judgeExtended, orExtendBaseline } from './baseline/extended-baseline.ts';
import type { GuidelineContext } from './context.ts';
import { judgeIteration, judgeUnconfirmed } from './decide-noise.ts';
import { noiseAware } from './evidence.ts';
import { nextForSpeed, nextTuning, nextValidation } from './next-iteration.ts';
import type { NextStep } from './next-step.ts';
import { openQuestionPhrase } from './open-question.ts';
import { partsPhrase, unverifiedPhrase } from './parts.ts';
import { lastTuned, runMetrics, standings } from './record.ts';
import { deadClasses, judgeValidation } from './validation/judge-validation.ts';
import { standing } from './validation/standing.ts';
import { nextSentence } from './words/sentence.ts';

/** A decision and what follows from it, to be merged into the context. */
export type Decided = Pick<GuidelineContext, 'decisions' | 'next' | 'ending' | 'iterations' | 'confirmed' | 'extended'>;

/**
 * After the last baseline run: iteration 0 applies the defaults. Up to the threshold it is trained; above it tuning
 * starts at once (thesis Figure 6.3).
 */
export function decideBaseline(context: GuidelineContext): Decided {
  const { input, baseline } = context;
  const measured = context.baselineSummary?.n ?? baseline.length;
  const rule = ruleFrom(input.rule);
  const primary = rule.metrics[0]!;
  const problem = baselineProblem(context) ?? classProblem(context);
  const values = baseline.map(({ metrics }) => metrics[primary]).filter((value) => value !== undefined);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const observed: Decision['observed'] = { runs: measured, workers: input.workers };
  if (values.length > 0) observed[primary] = mean;
  if (problem) {
    return conclude(context, { verdict: 'ended', rule: 'baseline.unusable', observed, saw: problem }, null, {
      type: 'end',
      outcome: 'failed',
      reason: problem,
    });
  }
  const runs = measured === 1 ? 'one run' : `${measured} runs`;
  const remarks = baselineRemarks(context);
  const many = input.workers > input.guideline.threshold;
  const dead = deadClasses(context);
  const saw =
    `baseline ${primary} ${mean.toFixed(3)}${unitOf(primary, rule.definitions)} from ${runs}; ${count(input.workers, 'worker')} ${input.workers === 1 ? 'is' : 'are'} ` +
    `${many ? 'more than' : 'at most'} the threshold of ${input.guideline.threshold}${dead === null ? '' : `; ${dead}`}${remarks.text}`;
  const judgement = {
    verdict: 'baseline' as const,
    rule: 'guideline.baseline',
    observed: { ...observed, ...remarks.observed },
    saw,
  };
  const defaults: Iteration = { number: 0, action: 'applyDefaults', parent: null, setting: input.setting, results: [] };
  const applied = { ...context, iterations: [defaults] };
  return conclude(applied, judgement, null, many ? nextTuning(applied, { improved: false }) : { type: 'defaults' });
}

/** Why no answer about the classes is possible with this baseline, or null. */
function classProblem(context: GuidelineContext): string | null {
  const { input, baseline } = context;
  const demand = input.rule.classes ?? 'mean';
  if (demand === 'each' && baseline.some(({ classes }) => Object.keys(classes ?? {}).length === 0)) {
    return 'decision.classes is each, but the evaluations of the baseline have no classes; report them (Python: run.evaluate(…, classes={…})), or set decision.classes: found';
  }
  const dead = demand === 'mean' ? null : deadClasses(context);
  if (dead === null) return null;
  return `${dead}: nothing can be said of what k workers do to it. Train one worker until it finds the class, leave the class out, or set decision.classes: mean to judge by the mean alone`;
}

/** After a run of an iteration or a validation. */
export function decideResult(context: GuidelineContext): Decided {
  const current = context.iterations.at(-1)!;
  if (current.action === 'extendBaseline') return decideExtended(context, current);
  return current.action === 'validate' ? decideValidation(context, current) : decideIteration(context, current);
}

function decideIteration(context: GuidelineContext, current: Iteration): Decided {
  const noise = noiseAware(context);
  if (noise !== null) {
    const { judgement, next } = judgeIteration(context, current, noise);
    return conclude(context, judgement, current, next);
  }
  const rule = ruleFrom(context.input.rule);
  const screened = rule.screen(runMetrics(current.results[0]!), standing(context, 1));
  if (screened.verdict === 'reached') {
    return conclude(context, { ...screened, verdict: 'reached' }, current, nextValidation(context));
  }
  const compared = compareWithPrevious(context);
  const diverged = current.results.find((result) => result.state === 'diverged');
  const saw =
    diverged?.state === 'diverged'
      ? `diverged (${diverged.reason}): counts as degraded`
      : compared.rule.endsWith('.first')
        ? screened.saw
        : compared.saw;
  const judgement = { ...compared, observed: { ...screened.observed, ...compared.observed }, saw };
  return conclude(context, judgement, current, nextTuning(context, { improved: compared.verdict === 'improved' }));
}

function decideValidation(context: GuidelineContext, current: Iteration): Decided {
  const judged = judgeValidation(context, current);
  if (judged.verdict === 'confirmed') {
    const confirmed = { iteration: current.parent ?? current.number, observed: judged.observed };
    const found = { ...context, confirmed };
    return { ...conclude(found, { ...judged, verdict: 'confirmed' }, current, afterConfirming(found)), confirmed };
  }
  if (judged.verdict === 'undecided') {
    return conclude(context, { ...judged, verdict: 'undecided' }, current, { type: 'repeatValidation' });
  }
  const noise = noiseAware(context);
  if (noise !== null) {
    const { judgement, next } = judgeUnconfirmed(context, current, { noise, judged });
    return conclude(context, judgement, current, next);
  }
  const compared = compareWithPrevious(context);
  const judgement = {
    verdict: 'notConfirmed' as const,
    rule: judged.rule,
    observed: { ...compared.observed, ...judged.observed },
    saw: `${judged.saw}; as iteration ${current.parent}'s result: ${compared.saw}`,
  };
  return conclude(context, judgement, current, nextTuning(context, { improved: compared.verdict === 'improved' }));
}

/** After the last run of the extended baseline, or a further validating run. The answer stands either way. */
function decideExtended(context: GuidelineContext, current: Iteration): Decided {
  const { judgement, extended } = judgeExtended(context, current);
  const judged = { ...context, extended };
  const next: NextStep =
    extended === null ? { type: 'extendBaseline' } : { type: 'end', outcome: 'noLoss', reason: answerSentence(judged) };
  return { ...conclude(judged, judgement, current, next), extended };
}

/** The end, or a step towards more speed if that is the goal and there is speed to gain. */
function afterConfirming(context: GuidelineContext): NextStep {
  const { goal, guideline } = context.input;
  const further = goal === 'speed' && noiseAware(context) !== null && (guideline.forSpeed ?? []).length > 0;
  const next = further ? nextForSpeed(context) : null;
  return next?.type === 'tune' ? next : { type: 'end', outcome: 'noLoss', reason: answerSentence(context) };
}

/** Compares the last tuning iteration (its validation folded in) with the one before. */
function compareWithPrevious({ input, iterations }: GuidelineContext): Judgement<'improved' | 'degraded' | 'diverged'> {
  const list = standings(iterations);
  const { name, metrics, definitions } = ruleFrom(input.rule);
  const current = list.at(-1)!.metrics;
  return progress({ rule: name, metrics, definitions, current, previous: list.at(-2)?.metrics });
}

/** After a run failed, a time budget was spent, or somebody cancelled the study. */
export function decideEnding(
  context: GuidelineContext,
  rule: string,
  outcome: 'failed' | 'budgetSpent' | 'cancelled',
  reason: string,
): Decided {
  const judgement = { verdict: 'ended' as const, rule, observed: {}, saw: reason };
  const current = outcome === 'cancelled' ? null : (context.iterations.at(-1) ?? null);
  return conclude(context, judgement, current, { type: 'end', outcome, reason });
}

function conclude(
  context: GuidelineContext,
  judgement: Judgement<Verdict>,
  current: Iteration | null,
  planned: NextStep,
): Decided {
  const next =
    judgement.verdict === 'ended' ? orAnswer(context, planned) : orExtendBaseline(context, orAnswer(context, planned));
  const tuned = next.type === 'tune' ? next : null;
  const before = tuned ? settingOf(context, tuned.parent) : null;
  const decision: Decision = {
    sequence: context.decisions.length + 1,
    iteration: current?.number ?? null,
    verdict: judgement.verdict,
    rule: judgement.rule,
    observed: judgement.observed,
    next: followUp(context, next),
    settingBefore: before,
    settingAfter: tuned?.setting ?? null,
    guidelineHash: context.input.guidelineHash,
    reason: nextSentence({ context, judgement, current, next: onParts(context, next), before }),
  };
  const ending = next.type === 'end' ? { outcome: next.outcome, reason: decision.reason } : null;
  return { iterations: context.iterations, decisions: [...context.decisions, decision], next, ending };
}

/** Adds to an end's reason what could not be told, which part of the data it rests on and what is unverified. */
function onParts(context: GuidelineContext, next: NextStep): NextStep {
  if (next.type !== 'end') return next;
  const open = next.outcome === 'exhausted' || next.outcome === 'budgetSpent' ? openQuestionPhrase(context) : null;
  const phrase = partsPhrase(context, next.outcome);
  const unverified = unverifiedPhrase(context, next.outcome);
  const told = open === null ? next.reason : `${next.reason}; ${open}`;
  const reason = phrase === null ? told : `${told}, ${phrase}`;
  return unverified === null ? { ...next, reason } : { ...next, reason: `${reason}; ${unverified}`, unverified: true };
}

/** A study that has confirmed a setting ends with it, whatever else it tried. */
function orAnswer(context: GuidelineContext, next: NextStep): NextStep {
  const { confirmed = null } = context;
  if (confirmed === null || next.type !== 'end') return next;
  if (next.outcome !== 'exhausted' && next.outcome !== 'budgetSpent') {
    const reason = next.outcome === 'noLoss' ? next.reason : `${next.reason}; before that ${answerSentence(context)}`;
    return { ...next, reason };
  }
  return { type: 'end', outcome: 'noLoss', reason: `${answerSentence(context)}; ${next.reason}` };
}

function followUp(context: GuidelineContext, next: NextStep): Decision['next'] {
  switch (next.type) {
    case 'defaults':
      return { action: 'applyDefaults' };
    case 'tune':
      return { action: next.action };
    case 'compare':
      return { action: lastTuned(context).action };
    case 'validate':
    case 'repeatValidation':
      return { action: 'validate' };
    case 'extendBaseline':
      return { action: 'extendBaseline' };
    case 'end':
      return { outcome: next.outcome };
  }
}

function settingOf({ iterations, input }: GuidelineContext, number: number): Setting {
  return iterations.find((iteration) => iteration.number === number)?.setting ?? input.setting;
}
