import { formatNumber, formatSeconds } from '../domain/format.ts';
import { doubtsText } from '../domain/measured.ts';
import { metricTexts } from '../domain/metric-text.ts';
import { outcomeWord } from './measured.ts';
import type { Scaling, ScalingCount, ScalingMetric } from './scaling.ts';
import type { RunTime } from './scaling-time.ts';
import { settingText } from './setting-text.ts';
import { type TextOptions, textTable } from './text-table.ts';
import { wrap } from './text-width.ts';
import { simulatedNotice } from './words.ts';

/** How many workers without loss, and what each number brings: a table, the recommended numbers, and what the verdicts may be wrong. */
export function scalingText(data: Scaling, { width, colors }: TextOptions): string {
  const { scaling, metric, epochs, baseline, counts, notTried, wishes, simulated, totals } = data;
  const text = metricTexts(data)(metric);
  const interval = (measured: ScalingMetric | null) => metricCell(measured, text.value);
  const one = [
    '1',
    'baseline',
    interval(baseline?.metric ?? null),
    '',
    String(epochs),
    timeCell(baseline?.time ?? null),
    '1',
    '100 %',
    baseline?.time ? formatNumber(baseline.time.seconds / 3600) : '',
    baseline === null ? '' : settingText({ ...baseline.setting, epochs: undefined }),
  ];
  const table = textTable({
    columns: [
      { heading: 'k', align: 'right' },
      { heading: 'verdict' },
      { heading: `${text.heading} [95 %] n` },
      { heading: 'difference (at worst)', align: 'right' },
      { heading: 'epochs', align: 'right' },
      { heading: 'a training', align: 'right' },
      { heading: 'speed-up', align: 'right' },
      { heading: 'efficiency', align: 'right' },
      { heading: 'GPU-hours', align: 'right' },
      { heading: 'setting', flexible: true },
    ],
    rows: [
      one,
      ...counts.map((each) => [
        String(each.workers),
        verdictOf(each),
        interval(each.metric),
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
    width,
    dim: colors.dim,
  });
  const lines = (sentence: string) => wrap(sentence, Math.min(width, 110));
  return [
    ...(simulated ? [colors.yellow(colors.bold(simulatedNotice)), ''] : []),
    colors.bold(`${scaling}: how many workers without loss`),
    '',
    table,
    '',
    ...lines(legend(data, text.measuredIn)).map(colors.dim),
    ...counts.filter(({ outcome }) => outcome !== 'noLoss').flatMap((each) => lines(notHadText(each))),
    ...counts.filter(({ unverified }) => unverified.length > 0).flatMap((each) => lines(unverifiedText(each))),
    ...wishes.flatMap(({ sentence }) => lines(sentence)),
    ...errorRateText(data).flatMap(lines).map(colors.dim),
    `${totals.runs} runs trained, ${totals.reused} taken over, ${Number(totals.hours.toPrecision(2))} hours of training.`,
  ].join('\n');
}

/** What the verdicts may be wrong, and what that refers to. */
export function errorRateText({ errorRate, margin, metric, counts, notTried }: Scaling): string[] {
  const { each, any, claimed } = errorRate;
  const many = counts.length + notTried.length;
  if (each === null || any === null || claimed === null || margin === null) {
    return ['The decision rule compares single runs and has no error rate; with decision.rule: nonInferiority it has.'];
  }
  const percent = (rate: number) => `${formatNumber(100 * rate)} %`;
  return [
    `Error rate: each verdict is that of a study of its own; a setting that loses ${formatNumber(margin)} ${metric} or more is confirmed with at most ${percent(each)}. ` +
      `That any of the ${many} settings does: at most ${percent(any)}. That a number of workers is called without loss for which none of the settings tried is: ${percent(claimed)} over all counts, since each is tried only where all smaller ones were confirmed. ` +
      'The counts share one baseline, so that their errors go together. The recommended counts are chosen by time, not by accuracy, which adds nothing. ' +
      'For one rate over all settings: scale.errorRate: allCounts.',
  ];
}

export function verdictOf({ outcome, unverified }: Pick<ScalingCount, 'outcome' | 'unverified'>): string {
  return outcomeWord(outcome, unverified);
}

function legend({ counts, baseline }: Scaling, measuredIn: string): string {
  const predicted = counts.flatMap(({ time }) => (time?.how === 'predicted' ? [time] : []));
  const how = predictedText(predicted);
  const hours = baseline?.time ? 'Times are the median of the runs of a setting. ' : '';
  return `Means of the runs that validated a setting, with the 95 % interval; difference to one worker${measuredIn === '' ? '' : ` ${measuredIn}`}, and at worst, by the decision rule. ${hours}GPU-hours are workers × hours of one training.${how}`;
}

/** Why a time is none of the clock. */
export function predictedText(predicted: readonly RunTime[]): string {
  if (predicted.length === 0) return '';
  const exchange = predicted.every((time) => time.exchange)
    ? 'with the exchange of gradients over the network of scale.network'
    : 'without the exchange of gradients, so that it is an upper bound of the speed-up; give scale.network to count it';
  return ` Times marked ~ are predicted: one process played several workers, so they are one worker's time by the number of workers and by the epochs, ${exchange}.`;
}

function notHadText({ workers, outcome, reason }: ScalingCount): string {
  return `${workers} workers, ${outcomeWord(outcome)}: ${reason ?? 'not ended yet'}`;
}

function unverifiedText({ workers, unverified }: ScalingCount): string {
  return `${workers} workers, unverified: ${doubtsText(unverified)}.`;
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
