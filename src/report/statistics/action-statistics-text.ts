import { actionText } from '../../../machines/guideline/index.ts';
import { differenceWords } from '../../domain/difference.ts';
import { type MetricDefinitions, metricNamed } from '../../domain/metric/definition.ts';
import { metricText } from '../../domain/metric/text.ts';
import { count } from '../../domain/text/format.ts';
import type { TextOptions } from '../tables/text-table.ts';
import { textTable } from '../tables/text-table.ts';
import { wrap } from '../tables/text-width.ts';
import { simulatedNotice } from '../words.ts';
import type { ActionStatistics, StudyStatistics } from './action-statistics.ts';

/** The statistics as a table: one row per action, in the order they were first tried. */
export function actionStatisticsText(statistics: StudyStatistics, { width, colors }: TextOptions): string {
  const { studies, outcomes, simulated, leftOut, baseline, actions, definitions } = statistics;
  const several = new Set(actions.map(({ metric }) => metric)).size > 1;
  const ends = Object.entries(outcomes).map(([outcome, number]) => `${outcome} ${number}`);
  const table = textTable({
    columns: [
      { heading: 'action', flexible: true },
      ...(several ? [{ heading: 'metric' }] : []),
      ...[
        'studies',
        'tried',
        ...Object.values(differenceWords),
        'led to goal',
        'diverged',
        'mean gain',
        'runs',
        'worker-hours',
      ].map((heading) => ({ heading, align: 'right' as const })),
    ],
    rows: actions.map((each) => [
      actionText[each.action],
      ...(several ? [each.metric] : []),
      String(each.studies),
      String(each.tried),
      ...differences.map((word) => (each.compared === 0 ? '' : String(each[word]))),
      share(each.ledToGoal, each.tried),
      String(each.diverged),
      gainText(each, definitions),
      String(each.runs),
      short(each.workerHours),
    ]),
    width,
    dim: colors.dim,
  });
  return [
    ...(simulated ? [colors.yellow(colors.bold(simulatedNotice)), ''] : []),
    `${studiesText(studies)}${ends.length > 0 ? `: ${ends.join(', ')}` : ''}.${leftOut > 0 ? ` Left out: ${studiesText(leftOut)} of the simulated trainer.` : ''}`,
    '',
    table,
    '',
    `Baselines: ${count(baseline.runs, 'run')}, ${short(baseline.workerHours)} worker-hours.`,
    ...wrap(legend, Math.min(width, 100)).map(colors.dim),
  ].join('\n');
}

function studiesText(number: number): string {
  return `${number} ${number === 1 ? 'study' : 'studies'}`;
}

const differences = ['better', 'worse', 'cannotTell'] as const;

const legend =
  'Better, worse, cannot tell, gain: all runs of the setting against all runs of the one it started from, where both have a result; better and worse where the 95 % interval of the difference excludes 0, or one of the two diverged. A gain is the mean \u00b1 standard deviation of the primary metric over (that many) iterations, above 0 where the action improved it.';

/** `+1.2 ± 0.8 (5)`: in points for a share of 1, else in the metric's unit. */
function gainText({ gain, metric }: ActionStatistics, definitions: MetricDefinitions): string {
  if (gain === null) return '';
  const { difference, unit } = metricText(metric, metricNamed(metric, definitions));
  const spread = gain.sd === null ? '' : ` \u00b1 ${difference(gain.sd).replace('+', '')}`;
  return `${difference(gain.mean)}${spread}${unit === null ? '' : ` ${unit}`} (${gain.n})`;
}

function share(part: number, of: number): string {
  return part === 0 ? '0' : `${part} (${Math.round((100 * part) / of)} %)`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(2)));
}
