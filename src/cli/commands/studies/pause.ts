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
      'Asks the process that runs a study to start no new run; running ones go on to their end. resume ends the pause.',
    )
    .argument('[study]', "the study's name; left out: the only one there is")
    .addOption(projectOption())
    .option('--now', 'also stop the running runs, each at its next checkpoint; they go on from there')
    .option('--reason <text>', 'why, for the history', 'asked for by the user')
    .option('--json', 'print JSON')
    .action(async (name: string | undefined, { project, reason, now, json }: Options) => {
      await withWritableStore(project, (store) => {
        const study = findStudy(store, name).name;
        const engine = requestPause({ store, study, reason, stopRuns: now === true });
        if (json) return printJson({ study, state: 'requested', ...engine });
        printFitted(
          `Process ${engine.pid} on ${engine.host} was asked to pause study "${study}". Go on with: autopilot resume ${study}`,
        );
      });
    });
}
