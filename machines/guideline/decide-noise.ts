import { momentsOf } from '../../src/domain/statistics/index.ts';
import type { Iteration, Verdict } from '../../src/domain/study.ts';
import { lookLevel } from '../decision/error-spending.ts';
import { number } from '../decision/format.ts';
import { baselineLeavesOpen, chanceToConfirm, directionOf, type Judgement, unitOf } from '../decision/index.ts';
import type { GuidelineContext } from './context.ts';
import {
  baselineSample,
  compareEvidence,
  type Evidence,
  evidenceFor,
  evidenceOf,
  type NoiseAware,
  ranked,
  spreadPrior,
} from './evidence.ts';
import { nextTuning, nextValidation } from './next-iteration.ts';
import type { NextStep } from './next-step.ts';
import { standing } from './validation/standing.ts';
import { type FurtherValidation, furtherValidation } from './validation/validate-again.ts';
import { type Helped, rivalsOf } from './words/line.ts';

/** Before it tunes the second best setting, a study validates the best one it has with at least this chance. */
const lastPromise = 0.1;
/** Before it gives up, with at least this chance: two validating runs mostly show whether it was luck. */
const leastPromise = 0.02;

export interface JudgedIteration {
  judgement: Judgement<Verdict>;
  next: NextStep;
}

/**
 * After a run of an iteration, when the spread is known: validate a promising setting; otherwise compare it with the
 * best of the others, repeat both if that can settle it, and continue the action or not.
 */
export function judgeIteration(context: GuidelineContext, current: Iteration, noise: NoiseAware): JudgedIteration {
  const own = evidenceFor(context, current.setting)!;
  const diverged = current.results.find((result) => result.state === 'diverged');
  if (own.broken) {
    const why = diverged?.state === 'diverged' ? `diverged (${diverged.reason})` : 'no usable result';
    const judgement = {
      verdict: 'diverged' as const,
      rule: 'moderated.diverged',
      observed: {},
      saw: `${why}: counts as worse`,
    };
    return { judgement, next: afterComparing(context, noise, { improved: false }) };
  }
  const chance = chanceOf(context, own, noise);
  const seen = seenText(context, own, noise);
  const validated = context.iterations.some(({ action, parent }) => action === 'validate' && parent === current.number);
  if (chance >= noise.comparing.promise && !validated) {
    const saw = `${seen.text}: ${percent(chance)} chance to confirm no loss, worth validating`;
    return {
      judgement: { verdict: 'reached', rule: 'moderated.promising', observed: { ...seen.observed, chance }, saw },
      next: nextValidation(context),
    };
  }
  return compared(context, own, {
    noise,
    repeats: true,
    lead: `${seen.text}: ${percent(chance)} chance to confirm it${openText(context, own, noise)}`,
    observed: { ...seen.observed, chance },
  });
}

/** After a validation that did not confirm: validate again if that is promising, else compare, counting all runs. */
export function judgeUnconfirmed(
  context: GuidelineContext,
  current: Iteration,
  { noise, judged }: { noise: NoiseAware; judged: Judgement<Verdict> },
): JudgedIteration {
  const again = context.confirmed ? null : furtherValidation(context, current.parent ?? current.number, noise);
  if (again !== null && again.chance >= noise.comparing.promise) {
    const saw = `${judged.saw}; ${againText(context, again)}`;
    const judgement = { ...judged, observed: { ...judged.observed, chance: again.chance }, saw };
    return {
      judgement: { ...judgement, verdict: 'notConfirmed' },
      next: nextValidation(context, { parent: again.parent, baselineRuns: again.baselineRuns }),
    };
  }
  const own = evidenceFor(context, current.setting)!;
  const found = own.broken
    ? { judgement: judged, next: afterComparing(context, noise, { improved: false }) }
    : compared(context, own, { noise, repeats: false, lead: judged.saw, observed: judged.observed });
  return { ...found, judgement: { ...found.judgement, verdict: 'notConfirmed', rule: judged.rule } };
}

interface ComparedOptions {
  noise: NoiseAware;
  repeats: boolean;
  lead: string;
  observed: Judgement<Verdict>['observed'];
}

function compared(
  context: GuidelineContext,
  own: Evidence,
  { noise, repeats, lead, observed }: ComparedOptions,
): JudgedIteration {
  const rivals = rivalsOf(context, own.iteration);
  const [rival] = ranked(context, rivals);
  if (rival === undefined) {
    const judgement = {
      verdict: 'improved' as const,
      rule: 'moderated.first',
      observed,
      saw: `${lead}; nothing to compare it with`,
    };
    return { judgement, next: afterComparing(context, noise, { improved: true }) };
  }
  const comparison = compareEvidence(context, { own, rival, noise });
  const verdict = verdicts[comparison.verdict];
  const judgement = {
    verdict,
    rule: `moderated.${comparison.verdict}`,
    observed: { ...observed, ...comparison.observed },
    saw: `${lead}; ${comparison.saw}`,
  };
  if (repeats && comparison.repeat > 0) {
    const wanted = Math.max(own.values.length, rival.values.length) + 1;
    const both = [own, rival].map(({ iteration, values }) => ({
      iteration: iteration.number,
      runs: iteration.results.length + Math.max(0, wanted - values.length),
    }));
    return { judgement, next: { type: 'compare', repeats: both } };
  }
  const unsure = comparison.verdict === 'cannotTell';
  const improved = comparison.verdict === 'better' || (unsure && comparison.ahead);
  return { judgement, next: afterComparing(context, noise, { improved, unsure }) };
}

const verdicts = { better: 'improved', worse: 'degraded', cannotTell: 'cannotTell' } as const;

/**
 * The next tuning step. Before the second best setting's turn, and again before giving up, the most promising setting is
 * validated, for the first time or once more.
 */
function afterComparing(context: GuidelineContext, noise: NoiseAware, helped: Helped): NextStep {
  const next = nextTuning(context, helped);
  if (!isExhausted(next) || context.tuning?.list === 'forSpeed') return next;
  const left = mostPromising(context, noise);
  if (left !== null && left.chance >= lastPromise) return left.step;
  const elsewhere = nextTuning(context, { ...helped, elsewhere: true });
  return isExhausted(elsewhere) && left !== null && left.chance >= leastPromise ? left.step : elsewhere;
}

function isExhausted(next: NextStep): boolean {
  return next.type === 'end' && next.outcome === 'exhausted';
}

/** Validating the best setting not validated yet, or one once more, whichever has the better chance; null if there is neither. */
function mostPromising(context: GuidelineContext, noise: NoiseAware): { chance: number; step: NextStep } | null {
  const validated = new Set(context.iterations.map(({ action, parent }) => (action === 'validate' ? parent : null)));
  const open = evidenceOf(context).filter(({ iteration, broken }) => !broken && !validated.has(iteration.number));
  const [best] = ranked(context, open);
  const chance = best === undefined ? 0 : chanceOf(context, best, noise);
  const again = [...validated]
    .flatMap((parent) => (parent === null ? [] : (furtherValidation(context, parent, noise) ?? [])))
    .reduce<FurtherValidation | null>((most, one) => (one.chance > (most?.chance ?? 0) ? one : most), null);
  if (again !== null && again.chance > chance) return { chance: again.chance, step: nextValidation(context, again) };
  if (best === undefined) return null;
  return { chance, step: nextValidation(context, { parent: best.iteration.number, chance }) };
}

/** "12 more runs of it and 4 more of one worker: 56 % chance to confirm it". */
function againText({ input, baseline }: GuidelineContext, { baselineRuns, chance }: FurtherValidation): string {
  const { rule } = input;
  const runs = rule.rule === 'nonInferiority' ? rule.maxRuns : 1;
  const more = baselineRuns - baseline.length;
  return `up to ${runs} more runs of it${more > 0 ? ` and ${more} more of one worker` : ''}: ${percent(chance)} chance to confirm it`;
}

function chanceOf(context: GuidelineContext, own: Evidence, { rule, comparing }: NoiseAware): number {
  const prior = spreadPrior(context, rule.margin);
  const sample = momentsOf(own.values);
  return chanceToConfirm({
    rule,
    sample,
    standing: standing(context, 1),
    prior,
    baselineIsFinal: baselineIsFinal(context, comparing),
  });
}

/** Whether the baseline gets no more runs: it was given, or the guideline does not let it grow. */
function baselineIsFinal(
  { baselineGiven }: GuidelineContext,
  { baselineGrowth = 1 }: NoiseAware['comparing'],
): boolean {
  return baselineGiven === true || baselineGrowth <= 1;
}

/** Why even a good setting has no chance, if that is due to a baseline that gets no more runs; else empty. */
function openText(context: GuidelineContext, own: Evidence, { rule, comparing }: NoiseAware): string {
  if (!baselineIsFinal(context, comparing)) return '';
  const { alpha, margin, maxRuns, metrics, definitions } = rule;
  const reference = baselineSample(context);
  const { unspent } = standing(context, 1);
  const level = lookLevel({ alpha, unspent, baselineRuns: reference.n, maxRuns })!;
  const gain = directionOf(metrics[0]!, definitions) * (momentsOf(own.values).mean - reference.mean);
  if (!baselineLeavesOpen(reference, { gain, margin, level })) return '';
  return `, because the baseline's ${reference.n} runs leave too much open, and there will be no more`;
}

/** "dice 0.861 against a baseline of 0.864". */
function seenText(context: GuidelineContext, own: Evidence, { rule }: NoiseAware) {
  const primary = rule.metrics[0]!;
  const [mean, target] = [momentsOf(own.values).mean, baselineSample(context).mean];
  const unit = unitOf(primary, rule.definitions);
  const runs = own.values.length > 1 ? ` from ${own.values.length} runs` : '';
  return {
    text: `${primary} ${number(mean)}${unit}${runs} against a baseline of ${number(target)}`,
    observed: { [primary]: mean, baseline: target, runs: own.values.length },
  };
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
