import { metricTexts } from '../../domain/metric/text.ts';
import { formatNumber, formatSeconds } from '../../domain/text/format.ts';
import { outcomeWord } from '../measured.ts';
import { settingText } from '../setting-text.ts';
import type { Scaling, ScalingCount, ScalingMetric } from './scaling.ts';
import type { RunTime } from './time.ts';

export interface ScalingTable {
  columns: { heading: string; number: boolean }[];
  rows: string[][];
}

/** One row per number of workers, one worker first; counts not tried have two cells. `verdict` writes the verdict. */
export function scalingTable(data: Scaling, verdict: typeof verdictOf = verdictOf): ScalingTable {
  const { metric, epochs, baseline, counts, notTried } = data;
  const text = metricTexts(data)(metric);
  const cell = (measured: ScalingMetric | null) => metricCell(measured, text.value);
  const one = [
    '1',
    'baseline',
    cell(baseline?.metric ?? null),
    '',
    String(epochs),
    timeCell(baseline?.time ?? null),
    baseline?.time ? '1' : '',
    baseline?.time ? '100 %' : '',
    baseline?.time ? formatNumber(baseline.time.seconds / 3600) : '',
    baseline === null ? '' : settingText({ ...baseline.setting, epochs: undefined }),
  ];
  return {
    columns: [
      { heading: 'k', number: true },
      { heading: 'verdict', number: false },
      { heading: `${text.heading} [95 %] n`, number: false },
      { heading: 'difference (at worst)', number: true },
      { heading: 'epochs', number: true },
      { heading: 'a training', number: true },
      { heading: 'speed-up', number: true },
      { heading: 'efficiency', number: true },
      { heading: 'GPU-hours', number: true },
      { heading: 'setting', number: false },
    ],
    rows: [
      one,
      ...counts.map((each) => [
        String(each.workers),
        verdict(each),
        cell(each.metric),
        differenceCell(each.metric, text.difference),
        each.epochs === null ? '' : String(each.epochs),
        timeCell(each.time),
        each.speedUp === null ? '' : each.speedUp.toPrecision(3),
        each.efficiency === null ? '' : `${Math.round(100 * each.efficiency)} %`,
        each.workerHours === null ? '' : formatNumber(each.workerHours),
        each.setting === null ? '' : settingText({ ...each.setting, epochs: undefined }),
      ]),
      ...notTried.map((workers) => [String(workers), 'not tried']),
    ],
  };
}

export function verdictOf({ outcome, unverified }: Pick<ScalingCount, 'outcome' | 'unverified'>): string {
  return outcomeWord(outcome, unverified);
}

function metricCell(measured: ScalingMetric | null, value: (number: number) => string): string {
  if (measured === null) return '';
  const { mean, interval, n } = measured;
  const range = interval === null ? '' : ` [${value(interval.low)}, ${value(interval.high)}]`;
  return `${value(mean)}${range} ${n}`;
}

function differenceCell(measured: ScalingMetric | null, difference: (number: number) => string): string {
  if (measured === null || measured.difference === null) return '';
  const worst = measured.bound === null ? '' : ` (${difference(measured.bound)})`;
  return `${difference(measured.difference)}${worst}`;
}

function timeCell(time: RunTime | null): string {
  if (time === null) return '';
  return `${time.how === 'predicted' ? '~' : ''}${formatSeconds(time.seconds)}`;
}
