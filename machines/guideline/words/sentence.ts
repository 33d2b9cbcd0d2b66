import { epochsOf, type Setting, withEpochs } from '../../../src/domain/setting.ts';
import { curveSignNames, type Iteration, type Verdict } from '../../../src/domain/study.ts';
import { type Judgement, ruleFrom } from '../../decision/index.ts';
import { confirmingValidation, extendedSetting } from '../baseline/extended-baseline.ts';
import type { GuidelineContext } from '../context.ts';
import type { NextStep, Validation } from '../next-step.ts';
import { isTuning } from '../record.ts';
import { atOnce } from '../requests.ts';
import { actionGerund, changePhrase, speedUpText } from './words.ts';

export interface SentenceOptions {
  context: GuidelineContext;
  judgement: Judgement<Verdict>;
  current: Iteration | null;
  next: NextStep;
  /** Setting the next one starts from. */
  before: Setting | null;
}

/** "dice 0.779 → 0.684 (−0.095): degraded, so stop increasing the warmup; next: extend the decay 15 → 20 epochs". */
export function nextSentence({ context, judgement, current, next, before }: SentenceOptions): string {
  const saw = `${judgement.saw}${curvesPhrase(current, next)}`;
  switch (next.type) {
    case 'defaults':
      return `${saw}; next: train with the defaults`;
    case 'validate':
      return `${saw}${lastChance(next)}; next: validate iteration ${next.parent ?? current?.number} ${next.baselineRuns === undefined ? 'with a new seed' : 'again, on all of its validating runs'}`;
    case 'repeatValidation':
      return `${saw}; next: ${moreRuns(context, current)}`;
    case 'extendBaseline':
      return next.reason === undefined
        ? `${saw}; next: ${moreRuns(context, confirmingValidation(context) ?? null)}`
        : `${saw}; ${next.reason}; next: train one worker ${extendedSetting(context)?.epochs} epochs too, ${context.baseline.length} runs`;
    case 'compare':
      return `${saw}; next: one more run of ${next.repeats.map(({ iteration }) => `iteration ${iteration}`).join(' and ')}`;
    case 'end':
      return next.reason === judgement.saw
        ? judgement.saw
        : `${saw}; the study ends: ${next.reason}${next.unverified ? ' (unverified)' : ''}`;
    case 'tune': {
      const turn = turnSentence(context, next, judgement.verdict);
      const skipped = next.skipped.length > 0 ? ` (${next.skipped.join('; ')})` : '';
      const ofStudy = context.input.epochs;
      const [old, fresh] = [withEpochs(before ?? next.setting, ofStudy), withEpochs(next.setting, ofStudy)];
      const changed = changePhrase(next.action, old, fresh);
      const price = priceOf(context, old, fresh);
      const from = before && current && next.parent !== lastTuned(context) ? ` from iteration ${next.parent}` : '';
      return `${saw}${turn}; next: ${changed}${price}${from}${skipped}`;
    }
  }
}

/** "; no action is left from the best setting, and iteration 9 has a 4 % chance to be confirmed", or nothing. */
function lastChance({ parent, chance }: Validation): string {
  if (chance === undefined) return '';
  return `; no action is left from the best setting, and iteration ${parent} has a ${Math.round(100 * chance)} % chance to be confirmed`;
}

/** What the curves of most of an iteration's runs show, if the study looks for another setting. */
function curvesPhrase(current: Iteration | null, next: NextStep): string {
  if (current === null || current.action === 'validate' || (next.type !== 'tune' && next.type !== 'compare')) return '';
  const shown = current.results.map((result) => (result.state === 'finished' ? (result.curves ?? []) : []));
  const texts = new Map(
    shown
      .flat()
      .toReversed()
      .map(({ sign, text }) => [sign, text]),
  );
  const common = curveSignNames.filter(
    (name) => 2 * shown.filter((signs) => signs.some(({ sign }) => sign === name)).length > shown.length,
  );
  return common.length === 0 ? '' : ` (${common.map((name) => texts.get(name)).join('; ')})`;
}

/** "one more validating run with a new seed", "2 more validating runs with new seeds". */
function moreRuns(context: GuidelineContext, current: Iteration | null): string {
  const batch = current === null ? 1 : atOnce(context, current);
  const left = ruleFrom(context.input.rule).maximumValidationRuns - (current?.results.length ?? 0);
  const runs = Math.min(batch, left);
  return runs > 1 ? `${runs} more validating runs with new seeds` : 'one more validating run with a new seed';
}

/** How much of the speed-up a change of epochs leaves. */
function priceOf({ input }: GuidelineContext, before: Setting, after: Setting): string {
  const { workers, epochs: ofStudy } = input;
  const [from, to] = [epochsOf(before, ofStudy), epochsOf(after, ofStudy)];
  return from === to ? '' : `, which leaves ${speedUpText({ workers, epochs: to, ofStudy })}`;
}

/** ", so go on" or ", so stop decreasing the initial rate". */
function turnSentence(context: GuidelineContext, next: NextStep & { type: 'tune' }, verdict: Verdict): string {
  const { tuning, input } = context;
  if (tuning === null) return verdict === 'baseline' ? ', so tuning starts at once' : ', so tuning starts';
  if ((tuning.list ?? 'actions') !== (next.tuning.list ?? 'actions')) return ', so look for more speed';
  if (tuning.position === next.tuning.position) {
    return tuning.line?.direction !== undefined && tuning.line.direction !== next.tuning.line?.direction
      ? ', so the other way'
      : ', so go on';
  }
  const action = input.guideline[tuning.list ?? 'actions']![tuning.position]!.action;
  return `, so stop ${actionGerund(action)}`;
}

function lastTuned({ iterations }: GuidelineContext): number | undefined {
  return iterations.filter(({ action, number }) => isTuning(action) || number === 0).at(-1)?.number;
}
