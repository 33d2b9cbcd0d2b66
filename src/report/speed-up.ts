import { speedUpText } from '../../machines/guideline/index.ts';
import { speedUpKept } from '../domain/setting.ts';
import { count, formatSeconds } from '../domain/text/format.ts';
import type { HistoryRow, StudyHistory } from './history/history.ts';

/** How much of the speed-up by k workers a setting keeps. */
export interface SpeedUp {
  /** E of its runs. */
  epochs: number;
  /** k · E₁ / E: counted in samples. */
  kept: number;
  /** Wall-clock seconds of a run on one worker divided by those of a run on k; null where either was not measured. */
  measured: number | null;
}

/** Null where the setting is not known. */
export function speedUpOf(
  row: HistoryRow,
  { baseline, epochs: ofStudy }: Pick<StudyHistory, 'baseline' | 'epochs'>,
): SpeedUp | null {
  const epochs = row.setting?.epochs;
  if (epochs === undefined) return null;
  const [own, one] = [secondsARun(row), baseline === null ? null : secondsARun(baseline)];
  return {
    epochs,
    kept: speedUpKept({ workers: row.workers, epochs, ofStudy }),
    measured: own === null || one === null ? null : one / own,
  };
}

/** `12 of 18 times the speed; measured: 41 s a run on 18 workers, 6 min on one.` Simulated times are left out. */
export function speedUpSentence(
  history: Pick<StudyHistory, 'baseline' | 'epochs' | 'best' | 'workers' | 'simulated'>,
): string {
  const { best, baseline, workers, epochs: ofStudy, simulated } = history;
  const speed = best === null ? null : speedUpOf(best, history);
  if (best === null || speed === null) return '';
  const text = speedUpText({ workers, epochs: speed.epochs, ofStudy });
  const [own, one] = [secondsARun(best), baseline === null ? null : secondsARun(baseline)];
  const measured =
    simulated || own === null || one === null
      ? ''
      : `; measured: ${formatSeconds(own)} a run on ${count(workers, 'worker')}, ${formatSeconds(one)} on one`;
  return `It trains ${count(speed.epochs, 'epoch')}, one worker ${ofStudy}: ${text}${measured}.`;
}

function secondsARun({ seconds, timed }: HistoryRow): number | null {
  return seconds > 0 && timed > 0 ? seconds / timed : null;
}
