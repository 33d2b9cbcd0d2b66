import { Command } from 'commander';
import { requestPause } from '../../../engine/study/study-requests.ts';
import { printFitted, printJson } from '../../output.ts';
import { findStudy } from '../../project.ts';
import { projectOption } from '../../project-option.ts';
import { withWritableStore } from '../../writable-store.ts';

interface Options {
  project: string;
  reason: string;
  now?: true;
  json?: true;
}

export function command(): Command {
  return new Command('pause')
    .description(
      'Asks the process that runs a study to start no new runs; current ones run to their end. resume ends the pause.',
    )
    .argument('[study]', "the study's name (default: the only study)")
    .addOption(projectOption())
    .option('--now', 'also stop the current runs, each at its next checkpoint; they continue from there')
    .option('--reason <text>', 'why, for the history', 'asked for by the user')
    .option('--json', 'print JSON')
    .action(async (name: string | undefined, { project, reason, now, json }: Options) => {
      await withWritableStore(project, (store) => {
        const study = findStudy(store, name).name;
        const engine = requestPause({ store, study, reason, stopRuns: now === true });
        if (json) return printJson({ study, state: 'requested', ...engine });
        printFitted(
          `Process ${engine.pid} on ${engine.host} was asked to pause study "${study}". Continue with: autopilot resume ${study}`,
        );
      });
    });
}
