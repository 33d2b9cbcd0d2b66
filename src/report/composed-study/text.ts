import { actionText } from '../../../machines/guideline/index.ts';
import { configuredMetrics, metricNames } from '../../config/decision-metrics.ts';
import type { GuidelineAction, RateSearch } from '../../domain/guideline.ts';
import { type KnownTrainings, knownTrainingsText } from '../../domain/known-trainings.ts';
import { meaningsText, metricText } from '../../domain/metric/text.ts';
import { count, formatNumber, formatSeconds } from '../../domain/text/format.ts';
import { learningSentence, learningSources, type PlannedLearning } from '../scaling/learning-advice.ts';
import { settingText } from '../setting-text.ts';
import type { TextOptions } from '../tables/text-table.ts';
import { textTable } from '../tables/text-table.ts';
import { wrap } from '../tables/text-width.ts';
import { workerHoursText } from '../worker-hours.ts';
import { componentTreeText } from './component-tree-text.ts';
import type { ComposedStudy, Price } from './composed-study.ts';

/** `known`: those of its first trainings that the project has already stored. */
export function composedStudyText(
  composed: ComposedStudy & { known?: KnownTrainings; learning?: PlannedLearning | null },
  { width, colors }: TextOptions,
): string {
  const { study, question, setting, schedule, guideline, startsWith, values } = composed;
  const steps = guideline.actions.map((action, index) => `  ${index + 1}. ${stepText(action)}`);
  const first = startsWith === 'tuning' ? 'tuning starts at once' : 'the starting setting is trained first';
  const { phases, initialLr, peakLr, finalLr } = schedule;
  const spans = phases.map(({ phase, from, to }) => `${phase} ${count(Number(formatNumber(to - from)), 'epoch')}`);
  const line = (label: string, text: string) => labelled(label, text, { width, colors });
  return [
    ...wrap(`${colors.bold(study)}: ${question}`, width),
    '',
    ...line('setting', settingText(setting)),
    ...line('schedule', `${spans.join(', ')}; rate ${[initialLr, peakLr, finalLr].map(formatNumber).join(' \u2192 ')}`),
    ...line('decision', decisionText(composed.decision)),
    ...line('budget', budgetText(composed.budget)),
    ...expectedLines(composed).flatMap(([label, text]) => line(label, text)),
    ...(composed.known === undefined ? [] : knownTrainingsText(composed.known)).flatMap((text) => line('stored', text)),
    ...learningTexts(composed.learning ?? null).flatMap((text) => line('speed', text)),
    ...line(
      'guideline',
      `${guideline.name} (${guideline.hash.slice(0, 12)}): above ${count(guideline.threshold, 'worker')} tuning starts at once; here ${first}`,
    ),
    ...[...steps, ...speedSteps(composed)].flatMap((step) => indented(step, 5, width)),
    '',
    componentTreeText(composed.program, { colors }),
    '',
    textTable({
      columns: [{ heading: 'value' }, { heading: 'is', flexible: true }, { heading: 'from' }],
      rows: values.map(({ field, value, from }) => [
        field,
        valueText(value),
        from === 'config' ? colors.cyan(from) : colors.dim(from),
      ]),
      width,
      dim: colors.dim,
    }),
    '',
    'Nothing was started.',
  ].join('\n');
}

/** How fast the study's workers learn, where the project has measured it; ignores the exchange of gradients. */
function learningTexts(learning: PlannedLearning | null): string[] {
  if (learning === null || learning.advice === null) return [];
  const sentence = learningSentence(learning.advice, learning.advice.workers);
  return [`at most, ignoring the exchange of gradients: ${sentence}`, ...learningSources(learning)];
}

/** What follows once a setting is confirmed. */
function speedSteps({ guideline, goal }: ComposedStudy): string[] {
  if (goal !== 'speed') return [];
  const steps = (guideline.forSpeed ?? []).map((action, index) => `  ${index + 1}. ${stepText(action)}`);
  return ['  once a setting is confirmed, for more speed:', ...steps];
}

/** One action with its step and its bound. */
export function stepText(step: GuidelineAction): string {
  const text = actionText[step.action];
  switch (step.action) {
    case 'decreaseInitialLr':
      return `${text}: times ${formatNumber(step.factor)}, not below ${formatNumber(step.minimum)}`;
    case 'increaseDecayCoefficient':
      return `${text}: times ${formatNumber(step.factor)}, not above ${formatNumber(step.maximum)}`;
    case 'increaseWarmup':
    case 'extendDecay':
      return `${text}: ${count(step.epochs, 'epoch')} more, taken from stabilization, up to ${formatNumber(step.maximum)}`;
    case 'tuneInitialLr':
      return `${text}: times ${formatNumber(step.factor)}, or divided by it; between ${formatNumber(step.minimum)} and ${formatNumber(step.maximum)}`;
    case 'shortenTraining':
      return `${text}: ${formatNumber(step.factor)} times the epochs, at least ${formatNumber(step.minimum)} times the study's; fewer epochs mean more speed`;
    case 'extendTraining':
      return `${text}: ${formatNumber(step.factor)} times the epochs, up to ${formatNumber(step.maximum)} times the study's; leaves 1/${formatNumber(step.factor)} of the speed-up each time${step.from === undefined ? '' : '; from the best setting with the new optimizer, unless that is clearly worse than the best of all'}`;
    case 'changeOptimizer':
      return `${text}: ${step.optimizers
        .map(({ optimizer, initialLr, initialLrFactor, scaling }) => {
          const root = scaling === 'squareRoot' ? ' / √k' : '';
          if (initialLr !== undefined) return `${optimizer} at rate ${formatNumber(initialLr)}${root}`;
          return initialLrFactor === undefined
            ? optimizer
            : `${optimizer} at ${formatNumber(initialLrFactor)} times the rate${root}`;
        })
        .join(', then ')}${rateText(step.rate)}${step.epochs === 'study' ? "; with the study's epochs" : ''}`;
  }
}

function rateText(rate: RateSearch | undefined): string {
  if (rate === undefined) return '';
  return `; then its own rate, times or divided by ${formatNumber(rate.factor)}, in at most ${count(rate.steps, 'run')}`;
}

/** A decision rule in words, after its name in a config. */
export function decisionText(decision: ComposedStudy['decision']): string {
  return `${decision.rule}: ${decisionWords(decision)}`;
}

/** The same without the name. */
export function decisionWords(decision: ComposedStudy['decision']): string {
  const names = metricNames(decision);
  const definitions = configuredMetrics(decision);
  // A metric that the trainer has yet to declare has no unit.
  const texts = names.map((name) => metricText(name, definitions[name] ?? null));
  const metrics = meaningsText(texts);
  const [primary] = texts;
  if (decision.rule === 'thesis') {
    return `${metrics}; reached within ${primary!.amount(decision.tolerance)} of the baseline, or better, then validated once`;
  }
  const { margin, alpha, maxRuns } = decision;
  return `${metrics}; a loss of ${primary!.amount(margin)} or more is accepted with probability at most ${formatNumber(alpha)}; up to ${count(maxRuns, 'validating run')} a setting`;
}

function budgetText({ iterations, hours, workerHours }: ComposedStudy['budget']): string {
  const parts = [`${count(iterations, 'iteration')} at most`];
  if (hours !== undefined) parts.push(`${formatNumber(hours)} ${hours === 1 ? 'hour' : 'hours'}`);
  if (workerHours !== undefined) parts.push(`${formatNumber(workerHours)} worker-hours`);
  return parts.join(', ');
}

/** What will be trained: expected, at most, and the price. */
function expectedLines({ expected }: ComposedStudy): [label: string, text: string][] {
  const { distributedRuns: runs, workerEpochs, price } = expected;
  const baseline = baselineText(expected);
  const none =
    'unknown until a run is measured here, unless you give cost.epochSeconds, the seconds of an epoch on one worker';
  const validated = 'some settings once each, and one fully validated';
  return [
    [
      'expected',
      `${baseline}, then ${count(runs.likely, 'distributed run')} (${validated}; ${runs.least} if the first setting holds at once); ${workerEpochs.likely} worker-epochs`,
    ],
    ['at most', `${count(runs.most, 'distributed run')}; ${workerEpochs.most} worker-epochs`],
    ['price', price === null ? none : priceText(price)],
  ];
}

/** Runs that are stored, or given in the config, are not trained. */
function baselineText({ baselineRuns, storedBaselineRuns: stored }: ComposedStudy['expected']): string {
  if (baselineRuns === 0) return stored === 0 ? 'the baseline is given' : 'the baseline is stored already';
  if (stored === 0) return count(baselineRuns, 'baseline run');
  return `${count(baselineRuns, 'baseline run')} (${stored} more ${stored === 1 ? 'is' : 'are'} stored already)`;
}

/** `expected 3 h 20 min and 12 GPU-hours, at most 20 h 00 min and 80 GPU-hours, one run after the other; measured …` */
export function priceText({ hours, workerHours, word, source }: Price): string {
  const text = (which: 'likely' | 'most') =>
    `${formatSeconds(hours[which] * 3600)} and ${workerHoursText(workerHours[which], word)}`;
  return `expected ${text('likely')}, at most ${text('most')}, one run after the other; ${source}`;
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `budget     20 iterations at most`; continuation lines are indented. */
function labelled(label: string, text: string, { width, colors }: TextOptions): string[] {
  const [first = '', ...rest] = indented(`${' '.repeat(11)}${text}`, 11, width);
  return [`${colors.bold(label.padEnd(11))}${first.slice(11)}`, ...rest];
}

/** Text wrapped to at most `width` columns, continuation lines indented by `columns`. */
function indented(text: string, columns: number, width: number): string[] {
  const start = text.slice(0, columns);
  const [first = '', ...rest] = wrap(text.slice(columns), Math.max(20, width - columns));
  return [`${start}${first}`, ...rest.map((line) => `${' '.repeat(columns)}${line}`)];
}
