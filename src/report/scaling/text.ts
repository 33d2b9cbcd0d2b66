import { doubtsText } from '../../domain/measured.ts';
import { metricTexts } from '../../domain/metric/text.ts';
import { count, formatNumber } from '../../domain/text/format.ts';
import { outcomeWord } from '../measured.ts';
import { type TextOptions, textTable } from '../tables/text-table.ts';
import { wrap } from '../tables/text-width.ts';
import { simulatedNotice } from '../words.ts';
import type { Scaling, ScalingCount } from './scaling.ts';
import { scalingTable } from './table.ts';
import type { RunTime } from './time.ts';

/** How many workers without loss, and what each number brings: a table, the recommended numbers, and what the verdicts may be wrong. */
export function scalingText(data: Scaling, { width, colors }: TextOptions): string {
  const { scaling, metric, counts, wishes, simulated, totals } = data;
  const text = metricTexts(data)(metric);
  const { columns, rows } = scalingTable(data);
  const last = columns.length - 1;
  const table = textTable({
    columns: columns.map(({ heading, number }, index) => ({
      heading,
      ...(number ? { align: 'right' as const } : {}),
      ...(index === last ? { flexible: true } : {}),
    })),
    rows,
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
    ...lines(scalingLegend(data, text.measuredIn)).map(colors.dim),
    ...shortcomings(counts).flatMap(lines),
    ...wishes.flatMap(({ sentence }) => lines(sentence)),
    ...errorRateText(data).flatMap(lines).map(colors.dim),
    `${count(totals.runs, 'run')} trained, ${totals.reused} taken over, ${Number(totals.hours.toPrecision(2))} hours of training.`,
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

/** What the columns are, and which times nobody measured. */
export function scalingLegend({ counts, baseline }: Scaling, measuredIn: string): string {
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

/** Why a count is not without loss, and what nobody measured of one that is. */
export function shortcomings(counts: readonly ScalingCount[]): string[] {
  return [
    ...counts.filter(({ outcome }) => outcome !== 'noLoss').map(notHadText),
    ...counts.filter(({ unverified }) => unverified.length > 0).map(unverifiedText),
  ];
}

function notHadText({ workers, outcome, reason }: ScalingCount): string {
  return `${workers} workers, ${outcomeWord(outcome)}: ${reason ?? 'not ended yet'}`;
}

function unverifiedText({ workers, unverified }: ScalingCount): string {
  return `${workers} workers, unverified: ${doubtsText(unverified)}.`;
}
