import { Command, InvalidArgumentError } from 'commander';
import type { Store } from '../../../../db/index.ts';
import { comparisonCells } from '../../../compare/cells.ts';
import { dryRunData, dryRunText } from '../../../compare/dry-run.ts';
import type { ComparisonEnd } from '../../../compare/progress.ts';
import { progressLines } from '../../../compare/progress-lines.ts';
import { runComparison } from '../../../compare/run-comparison.ts';
import { loadStudyConfig } from '../../../config/load.ts';
import type { ResolvedStudyConfig } from '../../../config/resolve.ts';
import { most } from '../../../config/sections/bounds.ts';
import { type CompareConfig, compareConfig, comparePolicies } from '../../../config/sections/compare.ts';
import { AutopilotError } from '../../../domain/errors.ts';
import { comparison } from '../../../report/comparison/comparison.ts';
import { comparisonCsv } from '../../../report/comparison/csv.ts';
import { comparisonSvg } from '../../../report/comparison/figure.ts';
import { comparisonText } from '../../../report/comparison/text.ts';
import { exitCodes } from '../../exit-codes.ts';
import { writeFigureFiles } from '../../figure-files.ts';
import { plainTextOptions, printFitted, printJson, textOptions } from '../../output.ts';
import { newProjectOption, projectFor } from '../../project-option.ts';
import { interruptions } from '../../study/interruptions.ts';
import { studyNotifications } from '../../study/notifications.ts';
import { parseHours, wholeNumber, wholeNumbers } from '../../whole-number.ts';
import { withWritableStore } from '../../writable-store.ts';

interface Options {
  project?: string;
  workers?: number[];
  policies?: CompareConfig['policies'];
  seeds?: number;
  maxRuns?: number;
  hours?: number;
  out?: string;
  metric?: string;
  title?: string;
  draw?: true;
  dryRun?: true;
  json?: true;
}

export function command(): Command {
  return new Command('compare')
    .description(
      "Trains a study's task under the classic policies and GreScale at several worker counts, each with several seeds, and draws the metric against the number of workers. Called again, it trains only what is missing.",
    )
    .argument('[config]', 'the study config; its "compare" section says what is trained', '.')
    .addOption(newProjectOption())
    .option('--workers <counts>', 'worker counts, such as 4,8,16', wholeNumbers({ limit: most.workers }))
    .option('--policies <names>', `any of ${comparePolicies.join(', ')}`, policies)
    .option('--seeds <n>', 'runs of each policy at each worker count', wholeNumber({ limit: most.baselineSeeds }))
    .option('--max-runs <n>', 'train at most this many runs', wholeNumber({ limit: most.runs }))
    .option('--hours <h>', 'train for at most this many hours, summed over all runs', parseHours)
    .option('--out <folder>', 'where the figure and its data go (default: the project folder)')
    .option('--metric <name>', 'the metric to draw (default: the primary one)')
    .option('--title <text>', "the figure's title")
    .option('--draw', 'train nothing; draw what exists')
    .option('--dry-run', 'print what would be trained; train nothing')
    .option('--json', 'print progress as JSON, one event a line, and the data at the end')
    .action(async (path: string, given: Options) => {
      const { config: loaded, directory } = loadStudyConfig(path);
      const config = withFlags(loaded, given);
      const options = { ...given, project: projectFor(given.project, directory) };
      await withWritableStoreUnlessDry(options, async (store) => {
        if (store === null) return printCells(config, options);
        const end = options.draw ? null : await train(store, config, options);
        show(store, config, options);
        if (end?.state === 'stopped') process.exitCode = exitCodes.interrupted;
        if (end?.state === 'failed') process.exitCode = exitCodes.error;
        if (end?.state === 'budgetSpent') process.exitCode = exitCodes.notReached;
      });
    });
}

type Placed = Options & { project: string };

async function withWritableStoreUnlessDry(
  { dryRun, project }: Placed,
  use: (store: Store | null) => Promise<void> | void,
) {
  if (dryRun) await use(null);
  else await withWritableStore(project, use);
}

function printCells(config: ResolvedStudyConfig, { json }: Options): void {
  if (json) printJson(dryRunData(config));
  else printFitted(dryRunText(config));
}

async function train(store: Store, config: ResolvedStudyConfig, { project, json }: Placed): Promise<ComparisonEnd> {
  const { signal, dispose } = interruptions();
  const lines = progressLines();
  const { name } = comparisonCells(config);
  const warn = (message: string) => (json ? process.stderr : process.stdout).write(`${message}\n`);
  const notifications = studyNotifications(config, project, warn, name);
  try {
    const end = await runComparison({
      store,
      config,
      directory: project,
      signal,
      onProgress: (event) => {
        if (event.type === 'inner') notifications.observe(event.event);
        if (json) process.stdout.write(`${JSON.stringify(event)}\n`);
        else for (const line of lines(event)) printFitted(line);
      },
    });
    const { state, reason } = end;
    if (state !== 'stopped') {
      const study = store.study(name);
      const text = study === undefined ? '' : comparisonText(comparison(store, study), plainTextOptions());
      notifications.ended({ state: 'ended', outcome: state, reason }, text);
    }
    return end;
  } catch (thrown) {
    notifications.threw(thrown);
    throw thrown;
  } finally {
    await notifications.close();
    dispose();
  }
}

function show(store: Store, config: ResolvedStudyConfig, { project, out, metric, title, json }: Placed): void {
  const { name } = comparisonCells(config);
  const study = store.study(name);
  if (study === undefined) {
    throw new AutopilotError('compare.none', `There is no comparison "${name}" yet. Train it: leave --draw out.`);
  }
  const data = comparison(store, study);
  if (metric !== undefined && !data.metrics.includes(metric)) {
    throw new AutopilotError(
      'compare.metric',
      `--metric ${metric} is not measured here. Metrics: ${data.metrics.join(', ')}.`,
    );
  }
  const folder = out ?? project;
  const svg = comparisonSvg(data, { metric, title });
  const files = writeFigureFiles({ folder, name, svg, csv: comparisonCsv(data), data });
  if (json) {
    printJson({ ...data, files });
    return;
  }
  printFitted(comparisonText(data, textOptions()));
  printFitted(`Figure and data: ${files.join(', ')}`);
}

function withFlags(config: ResolvedStudyConfig, flags: Options): ResolvedStudyConfig {
  const section = config.compare ?? compareConfig.parse({});
  const budget = { ...section.budget, ...defined({ runs: flags.maxRuns, hours: flags.hours }) };
  const { workers, policies: names, seeds } = flags;
  return { ...config, compare: { ...section, ...defined({ workers, policies: names, seeds }), budget } };
}

function defined<T extends object>(values: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: NonNullable<T[Key]>;
  };
}

function policies(text: string): CompareConfig['policies'] {
  const parsed = compareConfig.shape.policies.safeParse(text.split(',').map((part) => part.trim()));
  if (!parsed.success) throw new InvalidArgumentError(`Policies: ${comparePolicies.join(', ')}.`);
  return parsed.data;
}
