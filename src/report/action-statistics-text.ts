import { actionText } from '../../machines/guideline/index.ts';
import type { StudyStatistics } from './action-statistics.ts';
import { count, formatPoints } from './format.ts';
import type { TextOptions } from './text-table.ts';
import { textTable } from './text-table.ts';
import { simulatedNotice } from './words.ts';

/** The statistics as a table: one row an action, in the order they were first tried. */
export function actionStatisticsText(statistics: StudyStatistics, { width, colors }: TextOptions): string {
  const { studies, outcomes, simulated, baseline, actions } = statistics;
  const ends = Object.entries(outcomes).map(([outcome, number]) => `${outcome} ${number}`);
  const table = textTable({
    columns: [
      { heading: 'action', flexible: true },
      ...['studies', 'tried', 'helped', 'led to goal', 'diverged', 'mean gain', 'runs', 'worker-hours'].map(
        (heading) => ({ heading, align: 'right' as const }),
      ),
    ],
    rows: actions.map((each) => [
      actionText[each.action],
      String(each.studies),
      String(each.tried),
      share(each.helped, each.tried),
      share(each.ledToGoal, each.tried),
      String(each.diverged),
      each.meanGain === null ? '' : formatPoints(each.meanGain),
      String(each.runs),
      short(each.workerHours),
    ]),
    width,
    dim: colors.dim,
  });
  return [
    ...(simulated ? [colors.yellow(colors.bold(simulatedNotice)), ''] : []),
    `${studies} ${studies === 1 ? 'study' : 'studies'}${ends.length > 0 ? `: ${ends.join(', ')}` : ''}.`,
    '',
    table,
    '',
    `Baselines: ${count(baseline.runs, 'run')}, ${short(baseline.workerHours)} worker-hours.`,
    colors.dim('Gain: points of the primary metric against the iteration that the setting came from.'),
  ].join('\n');
}

function share(part: number, of: number): string {
  return part === 0 ? '0' : `${part} (${Math.round((100 * part) / of)} %)`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(2)));
}
