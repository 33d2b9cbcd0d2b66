import { metricTexts } from '../domain/metric/text.ts';
import { count } from '../domain/text/format.ts';
import type { StudyHistory } from './history/history.ts';

type Told = Pick<StudyHistory, 'extendedBaseline' | 'epochs' | 'workers' | 'metrics' | 'definitions'>;

/** What a reader must know about the baseline where the confirmed setting trains longer; otherwise empty. */
export function extendedBaselineSentence({ extendedBaseline: extended, epochs: ofStudy, ...history }: Told): string {
  if (extended === null) return '';
  const { epochs, state, runs, mean, interval, gain, gainInterval } = extended;
  const longer = `The baseline trained ${count(ofStudy ?? 0, 'epoch')}, the confirmed setting ${epochs}`;
  if (state === 'notTrained') {
    return `${longer}: whether one worker gains from ${epochs} too is not known (baseline.extend: check trains it that long).`;
  }
  if (state === 'open') return `${longer}: whether one worker gains from ${epochs} too is not settled.`;
  if (state === 'broken' || mean === null) {
    return `${longer}: with ${epochs}, training on one worker broke down, so there is nothing to compare with.`;
  }
  const text = metricTexts(history)(history.metrics[0] ?? 'dice');
  const around = interval === null ? '' : `, 95 % interval ${text.value(interval.low)} to ${text.value(interval.high)}`;
  const gained =
    gain === null
      ? ''
      : `; ${text.change({ difference: gain, interval: gainInterval })} against ${count(ofStudy ?? 0, 'epoch')}`;
  const found =
    state === 'noLoss'
      ? `${history.workers} workers are without loss against that too`
      : `it is not shown that ${history.workers} workers are without loss against that too`;
  return `With ${count(epochs, 'epoch')}, one worker has ${text.name} ${text.valueWithUnit(mean)} (${count(runs, 'run')}${around}${gained}): ${found}.`;
}
