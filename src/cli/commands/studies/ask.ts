import { Command } from 'commander';
import { loadStudyConfig } from '../../../config/load.ts';
import { storedConfig } from '../../../config/stored.ts';
import { type AskedRun, askStudy } from '../../../engine/by-hand/ask-study.ts';
import { printFitted, printJson } from '../../output.ts';
import { projectOption } from '../../project-option.ts';
import { withWritableStore } from '../../writable-store.ts';

interface Options {
  project: string;
  json?: true;
}

export function command(): Command {
  return new Command('ask')
    .description('Says what to train next, for jobs that something else starts. Safe to repeat; answer with tell.')
    .argument('<study>', "a stored study's name, or a config file the first time")
    .addOption(projectOption())
    .option('--json', 'print JSON, with the schedule as a table')
    .action(async (study: string, { project, json }: Options) => {
      await withWritableStore(project, (store) => {
        const stored = store.study(study);
        const config = stored === undefined ? loadStudyConfig(study).config : storedConfig(stored);
        const asked = askStudy({ store, config, directory: project });
        if (json) return printJson(asked);
        const { outcome, runs } = asked;
        printFitted(
          outcome === null ? runs.map(text).join('\n') : `${asked.study}: ${outcome.outcome}. ${outcome.reason}`,
        );
      });
    });
}

function text({ key, workers, seed, epochs, setting, why }: AskedRun): string {
  const { initialLr, decayCoefficient, warmupEpochs, decayEpochs, optimizer } = setting;
  return [
    `${key}: ${why}`,
    `  workers ${workers}, seed ${seed}, epochs ${epochs}, initialLr ${initialLr}, decayCoefficient ${decayCoefficient}, warmupEpochs ${warmupEpochs}, decayEpochs ${decayEpochs}, optimizer ${optimizer}`,
  ].join('\n');
}
