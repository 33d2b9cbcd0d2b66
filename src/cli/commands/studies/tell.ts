import { Command, InvalidArgumentError } from 'commander';
import { loadStudyConfig } from '../../../config/load.ts';
import { storedConfig } from '../../../config/stored.ts';
import { AutopilotError } from '../../../domain/errors.ts';
import type { Metrics } from '../../../domain/metric/metrics.ts';
import { importRuns } from '../../../engine/by-hand/import-runs.ts';
import { readToldRuns } from '../../../engine/by-hand/read-told-runs.ts';
import { type ToldResult, type ToldStudy, tellStudy } from '../../../engine/by-hand/tell-study.ts';
import { printFitted, printJson } from '../../output.ts';
import { projectOption } from '../../project-option.ts';
import { withWritableStore } from '../../writable-store.ts';

interface Options {
  project: string;
  run?: string;
  metrics?: Metrics;
  diverged?: string;
  failed?: string;
  file?: string;
  json?: true;
}

export function command(): Command {
  return new Command('tell')
    .description('Records the result of a run that ask named, and prints the decision. Safe to repeat.')
    .argument('<study>', "a stored study's name; with --file also a config file")
    .addOption(projectOption())
    .option('--run <key>', 'which run (default: the only one asked for)')
    .option('--metrics <list>', 'dice=0.81,meanAccuracy=0.9,…', parseMetrics)
    .option('--diverged <reason>', 'it diverged: counts as degraded')
    .option('--failed <reason>', 'it failed and says nothing about its setting')
    .option('--file <runs>', 'earlier runs, CSV or JSON (docs/cli.md): either all become iterations, or none do')
    .option('--json', 'print JSON')
    .action(async (study: string, { project, run, json, file, ...said }: Options) => {
      if (file !== undefined) return importFile({ study, project, file, json, others: { run, ...said } });
      const result = resultOf(said);
      await withWritableStore(project, (store) => {
        const told = tellStudy({ store, study, run, result });
        if (json) return printJson(told);
        say(told);
      });
    });
}

interface ImportOptions {
  study: string;
  project: string;
  file: string;
  json: true | undefined;
  others: object;
}

async function importFile({ study, project, file, json, others }: ImportOptions): Promise<void> {
  if (Object.values(others).some((value) => value !== undefined)) {
    throw new AutopilotError('usage.tell', '--file names runs and results itself: leave --run, --metrics, … out.');
  }
  const rows = readToldRuns(file);
  await withWritableStore(project, (store) => {
    const stored = store.study(study);
    const config = stored === undefined ? loadStudyConfig(study).config : storedConfig(stored);
    const told = importRuns({ store, config, directory: project, rows });
    if (json) return printJson(told);
    told.forEach(say);
  });
}

function say(told: ToldStudy): void {
  for (const warning of told.warnings) printFitted(`warning: ${warning}`);
  if (told.repeated) printFitted(`${told.run} was already recorded: nothing changed.`);
  for (const { reason } of told.decisions) printFitted(reason);
  if (told.outcome !== null) printFitted(`${told.study}: ${told.outcome.outcome}`);
  else if (told.decisions.length === 0) printFitted(`${told.run} is stored; more runs are needed for a decision.`);
}

/** `dice=0.81,meanIoU=0.7` */
function parseMetrics(text: string): Metrics {
  const pairs = text.split(',').map((pair) => {
    const [name = '', value = ''] = pair.split('=').map((part) => part.trim());
    if (name === '' || value === '' || Number.isNaN(Number(value.replace(/^nan$/i, '0')))) {
      throw new InvalidArgumentError(`"${pair}" is not a metric; write name=value, such as dice=0.81.`);
    }
    return [name, Number(value)] as const;
  });
  return Object.fromEntries(pairs);
}

function resultOf({ metrics, diverged, failed }: Pick<Options, 'metrics' | 'diverged' | 'failed'>): ToldResult {
  const given = [metrics, diverged, failed].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw new AutopilotError('usage.tell', 'Say how it ended: one of --metrics, --diverged or --failed.');
  }
  if (metrics !== undefined) return { metrics };
  return diverged === undefined ? { failed: failed ?? '' } : { diverged };
}
