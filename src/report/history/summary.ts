import { metricTexts } from '../../domain/metric/text.ts';
import { count, formatSeconds } from '../../domain/text/format.ts';
import { bestIterationsText, estimateText } from '../best-text.ts';
import { extendedBaselineSentence } from '../extended-baseline-text.ts';
import { outcomeWord, unverifiedSentence } from '../measured.ts';
import { changesText, settingChanges, settingText } from '../setting-text.ts';
import { speedUpSentence } from '../speed-up.ts';
import { differenceIn } from '../statistics/compared.ts';
import { outcomeText } from '../words.ts';
import { workerHoursText } from '../worker-hours.ts';
import type { StudyHistory } from './history.ts';

/** One paragraph: what came out, with which setting, and what it cost. */
export function historySummary(history: StudyHistory): string {
  return [
    outcomeSentence(history),
    unverifiedSentence(history.unverified),
    bestSentence(history),
    speedUpSentence(history),
    extendedBaselineSentence(history),
    costSentence(history),
    reasonSentence(history),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

/** The best setting, how much of the speed-up it keeps, and what finding it took. */
export function foundSummary(history: StudyHistory, word?: string): string {
  return [
    bestSentence(history),
    speedUpSentence(history),
    extendedBaselineSentence(history),
    costSentence(history, word),
  ]
    .filter(Boolean)
    .join(' ');
}

function outcomeSentence({ outcome, workers, totals, study, unverified, ...meaning }: StudyHistory): string {
  const tried = count(totals.tried, 'iteration');
  if (outcome === null)
    return `Not ended yet, after ${tried}: continue it with "autopilot resume ${study}" unless it is running.`;
  if (outcome === 'noLoss')
    return `Outcome ${outcomeWord(outcome, unverified)}: training on ${count(workers, 'worker')} ${keptText(meaning)}; confirmed after ${tried}.`;
  return `Outcome ${outcome}: ${outcomeText[outcome]}, after ${tried}.`;
}

/** A metric such as a loss or a distance is not called an accuracy. */
function keptText(meaning: Pick<StudyHistory, 'metrics' | 'definitions'>): string {
  const text = metricTexts(meaning)(meaning.metrics[0] ?? 'dice');
  return text.isAccuracy
    ? 'costs no accuracy beyond what its decision rule allows'
    : `keeps the ${text.meaning}, by its decision rule`;
}

function bestSentence({ baseline, best, outcome, ...meaning }: StudyHistory): string {
  const primary = meaning.metrics[0] ?? 'dice';
  const text = metricTexts(meaning)(primary);
  const reference = baseline?.metrics[primary];
  const value = best?.metrics[primary];
  if (best === null || value === undefined || reference === undefined) return '';
  const name = outcome === 'noLoss' ? 'The confirmed setting' : 'The best so far';
  const which = `${name} (${bestIterationsText(best)})`;
  const compared = differenceIn(value);
  const difference = compared === null ? '' : `, a difference of ${text.change(compared)}`;
  const changes = best.setting && baseline?.setting ? changesText(settingChanges(baseline.setting, best.setting)) : '';
  const setting = changes === '' ? (best.setting ? `the starting one (${settingText(best.setting)})` : '') : changes;
  const found = estimateText(text, value, best.intervals[primary]);
  return `${which} has ${primary} ${found} against the baseline's ${estimateText(text, reference)}${difference}. Setting: ${setting}.`;
}

function costSentence({ totals }: StudyHistory, word?: string): string {
  if (totals.runs === 0) return 'Nothing has been trained yet.';
  const taken = totals.reused === 0 ? '' : ` (${totals.reused} of them taken from other studies, not trained again)`;
  const ahead =
    totals.unclaimed === 0
      ? ''
      : ` ${totals.unclaimed} of them, trained ahead of the guideline, were not needed (${formatSeconds(totals.unclaimedSeconds)}).`;
  return `It took ${count(totals.runs, 'run')}${taken}, ${formatSeconds(totals.seconds)} of training, ${workerHoursText(totals.workerHours, word)}.${ahead}`;
}

function reasonSentence({ reason }: StudyHistory): string {
  return reason === null ? '' : `Last decision: ${reason}`;
}
