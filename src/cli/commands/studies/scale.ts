import { Command } from 'commander';
import { loadStudyConfig } from '../../../config/load.ts';
import type { ResolvedStudyConfig } from '../../../config/resolve.ts';
import { scaleSection, workerCounts } from '../../../config/scale-section.ts';
import { most } from '../../../config/sections/bounds.ts';
import { knownTrainingsText } from '../../../domain/known-trainings.ts';
import { count, formatNumber } from '../../../domain/text/format.ts';
import { scalingName } from '../../../scale/counts.ts';
import { scaleKind } from '../../../scale/scale-kind.ts';
import { printFitted, printJson } from '../../output.ts';
import { newProjectOption, projectFor } from '../../project-option.ts';
import { driveScale, showScale } from '../../study/drive-scale.ts';
import { freshOption, knownIn } from '../../study/known-trainings.ts';
import { parseHours, wholeNumber, wholeNumbers } from '../../whole-number.ts';
import { withWritableStore } from '../../writable-store.ts';

interface Options {
  project?: string;
  workers?: number[];
  iterations?: number;
  maxRuns?: number;
  hours?: number;
  out?: string;
  show?: true;
  dryRun?: true;
  fresh?: true;
  quiet?: true;
  json?: true;
}

export function command(): Command {
  return new Command('scale')
    .description(
      "Says how many workers train a study's task without loss, and what each number gains. Takes one worker count after another, each starting from the setting that was confirmed for the one before, and ends at the first that cannot be trained without loss. Called again, it continues.",
    )
    .argument('[config]', 'the study config; its "scale" section says which worker counts', '.')
    .addOption(newProjectOption())
    .option(
      '--workers <counts>',
      'worker counts of 2 or more, such as 2,4,8',
      wholeNumbers({ least: 2, limit: most.workers }),
    )
    .option(
      '--iterations <n>',
      'at most this many iterations of the guideline for each worker count',
      wholeNumber({ limit: most.runs }),
    )
    .option('--max-runs <n>', 'train at most this many runs in all', wholeNumber({ limit: most.runs }))
    .option('--hours <h>', 'train for at most this many hours, summed over all runs', parseHours)
    .option('--out <folder>', 'where the figure and its data go (default: the project folder)')
    .option('--show', 'train nothing; print and draw what exists')
    .option('--dry-run', 'print what would be trained; train nothing')
    .addOption(freshOption())
    .option('-q, --quiet', 'print only warnings and the end, no progress')
    .option('--json', 'print progress as JSON, one event a line, and the result at the end')
    .action(async (path: string, options: Options) => {
      const { config: loaded, directory } = loadStudyConfig(path);
      const config = withFlags(loaded, options);
      const project = projectFor(options.project, directory);
      if (options.dryRun) return printPlan(config, { ...options, project });
      const { out = project, json = false, quiet, fresh } = options;
      await withWritableStore(project, async (store) => {
        if (options.show) showScale({ store, config, json, out });
        else await driveScale({ store, config, project, json, quiet, fresh, out });
      });
    });
}

function printPlan(config: ResolvedStudyConfig, { project, json, fresh }: Options & { project: string }): void {
  const { iterations = config.budget.iterations, budget, errorRate } = scaleSection(config);
  const [scaling, workers, baselineRuns] = [scalingName(config), workerCounts(config), config.baseline.seeds];
  const known = knownIn(project, scaleKind, { config, fresh });
  if (json) {
    printJson({ scaling, workers, baselineRuns, iterations, errorRate, budget, known });
    return;
  }
  const limits = [
    ...(budget.runs === undefined ? [] : [count(budget.runs, 'run')]),
    ...(budget.hours === undefined
      ? []
      : [`${formatNumber(budget.hours)} ${budget.hours === 1 ? 'hour' : 'hours'} of training`]),
  ];
  printFitted(
    [
      `${scaling}: ${workers.join(', ')} workers, one count after another, until one cannot be trained without loss.`,
      `Baseline: ${count(baselineRuns, 'run')} on 1 worker, for all of them; more where a verdict needs them.`,
      ...knownTrainingsText(known),
      `Each count: at most ${count(iterations, 'iteration')} of the guideline, from the previously confirmed setting.`,
      `Budget: ${limits.length === 0 ? 'none' : limits.join(', ')}.`,
    ].join('\n'),
  );
}

function withFlags(config: ResolvedStudyConfig, flags: Options): ResolvedStudyConfig {
  const section = scaleSection(config);
  const { workers = section.workers, iterations = section.iterations } = flags;
  const { runs = section.budget.runs, hours = section.budget.hours } = { runs: flags.maxRuns, hours: flags.hours };
  return {
    ...config,
    scale: {
      ...section,
      ...(workers === undefined ? {} : { workers }),
      ...(iterations === undefined ? {} : { iterations }),
      budget: { ...(runs === undefined ? {} : { runs }), ...(hours === undefined ? {} : { hours }) },
    },
  };
}
