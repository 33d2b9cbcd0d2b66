import { doubtsText } from '../../domain/measured.ts';
import { metricTexts } from '../../domain/metric/text.ts';
import { count, formatNumber } from '../../domain/text/format.ts';
import { outcomeWord } from '../measured.ts';
import { type TextOptions, textTable } from '../tables/text-table.ts';
import { wrap } from '../tables/text-width.ts';
import { simulatedNotice } from '../words.ts';
import type { Scaling, ScalingCount } from './scaling.ts';
import { simulatedTime } from './simulated-time.ts';
import { scalingTable } from './table.ts';
import type { RunTime } from './time.ts';

/** How many workers train without loss, and what each number gains: table, recommended numbers and error rate. */
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
    `${count(totals.runs, 'run')} trained, ${totals.reused} reused, ${count(Number(totals.hours.toPrecision(2)), 'hour')} of training.`,
  ].join('\n');
}

/** The error rate of the verdicts, what it refers to, and how to ask for another one. */
export function errorRateText(data: Scaling): string[] {
  const advice =
    errorRateOf(data) === null
      ? 'With decision.rule: nonInferiority it has one.'
      : 'For one rate over all settings: scale.errorRate: allCounts.';
  return [`${errorRateSentence(data)} ${advice}`];
}

/** The error rate of the verdicts, and what it refers to. */
export function errorRateSentence(data: Scaling): string {
  const { metric, counts, notTried } = data;
  const rate = errorRateOf(data);
  if (rate === null) return 'The decision rule compares single runs and has no error rate.';
  const percent = (share: number) => `${formatNumber(100 * share)} %`;
  return (
    `Error rate: each verdict comes from its own study; a setting that loses ${formatNumber(rate.margin)} ${metric} or more is confirmed with a probability of at most ${percent(rate.each)}. ` +
    `The probability that this happens for any of the ${counts.length + notTried.length} settings is at most ${percent(rate.any)}. The probability that a number of workers is called without loss although none of the settings tried for it is without loss is at most ${percent(rate.claimed)} over all counts, since each is tried only where all smaller ones were confirmed. ` +
    'The counts share one baseline, so their errors are correlated. The recommended counts are chosen by time, not by accuracy, which adds no error.'
  );
}

/** Null for a rule without an error rate. */
function errorRateOf({ errorRate: { each, any, claimed }, margin }: Scaling) {
  return each === null || any === null || claimed === null || margin === null ? null : { each, any, claimed, margin };
}

/** What the columns mean, and which times were not measured. */
export function scalingLegend(
  { counts, baseline, simulated }: Scaling,
  measuredIn: string,
  { advice = true } = {},
): string {
  const predicted = counts.flatMap(({ time }) => (time?.how === 'predicted' ? [time] : []));
  const how = predictedText(predicted, { advice });
  const hours = baseline?.time ? 'Times are the median of the runs of a setting. ' : '';
  const means = `Means of the runs that validated a setting, with the 95 % interval; difference from one worker${measuredIn === '' ? '' : ` ${measuredIn}`}, and at worst, by the decision rule.`;
  if (simulated) return `${means} ${simulatedTime}`;
  return `${means} ${hours}GPU-hours are workers × hours of one training.${how}`;
}

/** Why a time is predicted rather than measured. */
export function predictedText(predicted: readonly RunTime[], { advice = true } = {}): string {
  if (predicted.length === 0) return '';
  const exchange = predicted.every((time) => time.exchange)
    ? `with the exchange of gradients over the network ${advice ? 'of scale.network' : 'that the config describes'}`
    : `without the exchange of gradients, so the speed-up is an upper bound${advice ? '; give scale.network to count it' : ''}`;
  return ` Times marked ~ are predicted: one process played several workers, so they follow from one worker's time, the number of workers and the epochs, ${exchange}.`;
}

/** Why counts are not without loss, or are unverified. */
export function shortcomings(counts: readonly ScalingCount[]): string[] {
  return [...counts.filter(({ outcome }) => outcome !== 'noLoss').map(notHadText), ...unverifiedSentences(counts)];
}

function notHadText({ workers, outcome, reason }: ScalingCount): string {
  return `${workers} workers, ${outcomeWord(outcome)}: ${reason ?? 'not ended yet'}`;
}

/** Why counts are unverified, one sentence each. */
export function unverifiedSentences(counts: readonly ScalingCount[]): string[] {
  return counts.filter(({ unverified }) => unverified.length > 0).map(unverifiedText);
}

function unverifiedText({ workers, unverified }: ScalingCount): string {
  return `${workers} workers, unverified: ${doubtsText(unverified)}.`;
}
