import { differenceOf } from '../../../src/domain/difference.ts';
import { epochsOf, type Setting } from '../../../src/domain/setting.ts';
import { type SampleMoments, studentTQuantile } from '../../../src/domain/statistics/index.ts';
import type { Decision, Iteration } from '../../../src/domain/study.ts';
import { number, signed } from '../../decision/format.ts';
import { baselineMoments, type Judgement, unitOf } from '../../decision/index.ts';
import type { ExtendedBaseline, GuidelineContext } from '../context.ts';
import type { NextStep } from '../next-step.ts';
import { confirmation } from '../parts.ts';
import { validatingResults } from '../record.ts';
import { confirmedIteration } from '../validation/confirmed.ts';
import { judgeValidation } from '../validation/judge-validation.ts';
import { differenceText } from '../words/difference-text.ts';

/** One worker's setting with the confirmed setting's epochs; null when those are no more than the study's. */
export function extendedSetting(context: GuidelineContext): Setting | null {
  const { epochs: ofStudy, baseline } = context.input;
  const confirmed = confirmedIteration(context);
  const epochs = confirmed === null ? ofStudy : epochsOf(confirmed.setting, ofStudy);
  if (epochs <= ofStudy) return null;
  const { warmupEpochs, decayEpochs } = baseline.setting;
  // As in a longer training of k workers: the warmup keeps its epochs, the decay its share.
  const share = (decayEpochs * epochs) / ofStudy;
  const decay = Number.isInteger(decayEpochs) ? Math.round(share) : share;
  return { ...baseline.setting, decayEpochs: Math.min(decay, epochs - warmupEpochs), epochs };
}

/** Extends the baseline, if the study asks for it, instead of ending with a setting that trains longer. */
export function orExtendBaseline(context: GuidelineContext, next: NextStep): NextStep {
  const wanted = context.input.baseline.extend === 'check' && !context.extended && extendedSetting(context) !== null;
  return wanted && next.type === 'end' && next.outcome === 'noLoss'
    ? { type: 'extendBaseline', reason: next.reason }
    : next;
}

/** The iteration that extends the baseline; undefined before there is one. */
export function extendingIteration({ iterations }: Pick<GuidelineContext, 'iterations'>): Iteration | undefined {
  return iterations.findLast(({ action }) => action === 'extendBaseline');
}

/** The validation of the confirmed setting, whose epochs the baseline is extended to. */
export function confirmingValidation({ iterations, confirmed }: GuidelineContext): Iteration | undefined {
  return iterations.findLast(({ action, parent }) => action === 'validate' && parent === confirmed?.iteration);
}

export interface JudgedExtension {
  judgement: Judgement<'confirmedExtended' | 'notConfirmedExtended' | 'undecided' | 'cannotTell'>;
  /** Null while more validating runs are needed. */
  extended: ExtendedBaseline | null;
}

/** Compares the validating runs with the extended baseline, by the same rule, margin and levels. */
export function judgeExtended(context: GuidelineContext, current: Iteration): JudgedExtension {
  const { input } = context;
  const primary = input.rule.metrics[0]!;
  const unit = unitOf(primary, input.rule.definitions);
  const epochs = epochsOf(current.setting, input.epochs);
  const runs = current.results.flatMap((result) => (result.state === 'finished' ? [result] : []));
  const usable = runs.filter(({ metrics }) => metrics[primary] !== undefined).length;
  const trained = `trained ${epochs} epochs`;
  if (usable < current.results.length) {
    const broken = current.results.length - usable;
    const saw = `${trained}, one worker gave no usable ${primary} in ${broken} of ${current.results.length} runs: nothing to compare with`;
    const observed = { extendedEpochs: epochs, extendedRuns: usable };
    return {
      judgement: { verdict: 'cannotTell', rule: 'guideline.extendedBaselineBroken', observed, saw },
      extended: { withoutLoss: null, observed },
    };
  }
  const validation = confirmingValidation(context)!;
  // Its runs are single-worker runs like the baseline's, on the same parts of the data.
  const longer = {
    ...context,
    baseline: runs.map((run, index) => ({ key: String(index), ...run })),
    baselineSummary: null,
  };
  const judged = judgeValidation(longer, validation);
  const [sample, before] = [confirmingSample(longer, validation), confirmingSample(context, validation)];
  const gain = differenceOf(spreadOf(sample), spreadOf(before));
  const gained = gain.difference;
  const reach =
    sample.n < 2 || sample.variance === 0
      ? null
      : studentTQuantile(0.975, sample.n - 1) * Math.sqrt(sample.variance / sample.n);
  const interval = reach === null ? {} : { extendedLow: sample.mean - reach, extendedHigh: sample.mean + reach };
  const gainInterval =
    gain.interval === null ? {} : { extendedGainLow: gain.interval.low, extendedGainHigh: gain.interval.high };
  const observed = {
    ...judged.observed,
    ...{ extendedEpochs: epochs, extendedRuns: sample.n, extendedMean: sample.mean, extendedGain: gained, ...interval },
    ...gainInterval,
  };
  const verdict = verdicts[judged.verdict];
  const rule = `guideline.${verdict}`;
  const extended = judged.verdict === 'undecided' ? null : { withoutLoss: judged.verdict === 'confirmed', observed };
  // Once settled, the answer that follows names the mean, its runs and its interval.
  const has = extended === null ? `${primary} ${sampleText(observed)}${unit}, ` : `${primary} `;
  const saw = `${trained}, one worker has ${has}${signed(gained)}${unit} against ${input.epochs} epochs; against that, ${judged.saw}`;
  return { judgement: { verdict, rule, observed, saw }, extended };
}

function spreadOf({ mean, variance, n }: SampleMoments) {
  return { mean, sd: n < 2 || Number.isNaN(variance) ? null : Math.sqrt(variance), n };
}

const verdicts = {
  confirmed: 'confirmedExtended',
  notConfirmed: 'notConfirmedExtended',
  undecided: 'undecided',
} as const;

/** The baseline's runs on the part of the data that the validation is judged by. */
function confirmingSample(context: GuidelineContext, validation: Iteration): SampleMoments {
  const { baseline } = confirmation(context, { results: validatingResults(context, validation) });
  const { baselineSummary } = context;
  const standing = { baseline: baseline.map(({ metrics }) => metrics), baselineSummary, candidate: 0 };
  return baselineMoments(standing, context.input.rule.metrics[0]!);
}

/** "0.861 from 5 runs, 95 % interval 0.857 to 0.865". */
function sampleText({ extendedMean, extendedRuns, extendedLow, extendedHigh }: Decision['observed']): string {
  const runs = extendedRuns === 1 ? 'one run' : `${extendedRuns} runs`;
  const interval =
    typeof extendedLow === 'number' && typeof extendedHigh === 'number'
      ? `, 95 % interval ${number(extendedLow)} to ${number(extendedHigh)}`
      : '';
  return `${typeof extendedMean === 'number' ? number(extendedMean) : 'nothing'} from ${runs}${interval}`;
}

/** The answer's phrase on the extended baseline; empty when the confirmed setting trains no longer than the study's. */
export function extendedPhrase(context: GuidelineContext): string {
  const setting = extendedSetting(context);
  if (setting === null) return '';
  const { extended = null, input, baselineGiven } = context;
  const { workers, epochs: ofStudy, baseline, rule } = input;
  const { epochs = ofStudy } = setting;
  if (extended === null) {
    const known = extendingIteration(context)?.results.length ?? 0;
    if (baseline.extend === 'check') {
      return `; whether one worker gains from ${epochs} epochs too is not settled (${known} of ${context.baseline.length} runs of it are in)`;
    }
    const how = baselineGiven ? '' : ' (baseline.extend: check trains it that long)';
    return `; the baseline was not trained that long, so whether one worker gains from ${epochs} epochs too is not known${how}`;
  }
  const { observed, withoutLoss } = extended;
  if (withoutLoss === null)
    return `; trained ${epochs} epochs too, one worker broke down, so there is nothing to compare with`;
  const primary = rule.metrics[0]!;
  const unit = unitOf(primary, rule.definitions);
  const found = withoutLoss
    ? `${workers} workers are without loss against that too`
    : `that ${workers} workers are without loss against that too has not been shown`;
  return `; trained ${epochs} epochs too, one worker has ${primary} ${sampleText(observed)}${unit}: ${found}${differenceText(observed, rule, `its ${epochs} epochs`)}`;
}
