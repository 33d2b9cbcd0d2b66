import { join, relative } from 'node:path';
import type { Store } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { StudyEnd } from '../../engine/plans/plan.ts';
import { lastIterations, studyHistory } from '../../report/history/history.ts';
import { foundSummary } from '../../report/history/summary.ts';
import { warningSentences } from '../../report/history/warning-sentences.ts';
import { withParts } from '../../report/parts.ts';
import { bestOnTestPart } from '../../report/parts-text.ts';
import type { TextOptions } from '../../report/tables/text-table.ts';
import { wrap } from '../../report/tables/text-width.ts';
import { simulatedNotice } from '../../report/words.ts';
import { workerHoursWord } from '../../report/worker-hours.ts';

interface Ended {
  store: Store;
  config: ResolvedStudyConfig;
  project: string;
  /** As typed; null if the study was resumed from the store. */
  configPath: string | null;
}

type Next = [what: string, command: string];

/** The last lines printed for a study: its best setting, the cost, and the commands to run next. */
export function studyEndText(
  { store, config, project, configPath }: Ended,
  end: StudyEnd,
  options: TextOptions,
): string {
  const study = store.study(config.name);
  if (study === undefined || end.state === 'stopped') return '';
  const range = lastIterations(store, study, 1);
  const history = studyHistory(store, study, { range });
  const onTest = bestOnTestPart(withParts(store, study, history));
  const found = [foundSummary(history, workerHoursWord(config)), ...(onTest === '' ? [] : [onTest])];
  const kept = history.best && store.runByKey(study.id, `iteration-${history.best.iteration}`);
  const near = relative(process.cwd(), project);
  const at = near === '' ? '' : ` --project ${near}`;
  const name = config.name;
  const file = configPath ?? 'study.yaml';
  const next: Record<string, Next[]> = {
    noLoss: [
      ['How to repeat it', `autopilot report ${name}${at}`],
      ...(config.trainer.kind === 'embedded' && kept
        ? [['Keep the model', publishCommand(join(near, 'runs', kept.id), name)] satisfies Next]
        : []),
    ],
    exhausted: [['How many workers are possible', `autopilot scale ${file}${at}`]],
    budgetSpent: [[`Continue, with a larger budget in ${file}`, `autopilot run ${file}${at}`]],
    cancelled: [['Continue', `autopilot resume ${name}${at}`]],
    failed: [['Try again once it is fixed', `autopilot resume ${name}${at}`]],
  };
  const commands: Next[] = [['Every iteration', `autopilot history ${name}${at}`], ...(next[end.outcome] ?? [])];
  const widest = Math.max(...commands.map(([what]) => what.length)) + 1;
  const { width, colors } = options;
  return [
    // Repeated here: for a study that had already ended, or that runs quietly, these are the only lines.
    ...(study.simulated ? [colors.yellow(colors.bold(simulatedNotice))] : []),
    ...found.flatMap((paragraph) => wrap(paragraph, Math.min(width, 100))),
    ...warningSentences(history.warnings).flatMap((sentence) =>
      wrap(sentence, Math.min(width, 100)).map(colors.yellow),
    ),
    ...commands.map(([what, command]) => `${`${what}:`.padEnd(widest)} ${colors.bold(command)}`),
  ].join('\n');
}

function publishCommand(run: string, name: string): string {
  return `autopilot models publish ${run} --name ${name.toLowerCase()} --licence CC-BY-4.0`;
}
