import { Command } from 'commander';
import { cancelStudy } from '../../../engine/study/cancel-study.ts';
import { printFitted, printJson } from '../../output.ts';
import { findStudy } from '../../project.ts';
import { projectOption } from '../../project-option.ts';
import { withWritableStore } from '../../writable-store.ts';

interface Options {
  project: string;
  reason: string;
  json?: true;
}

export function command(): Command {
  return new Command('cancel')
    .description('Ends a study with the outcome "cancelled"; its results stay, and resume reopens it.')
    .argument('[study]', "the study's name (default: the only study)")
    .addOption(projectOption())
    .option('--reason <text>', 'why, for the history', 'cancelled by the user')
    .option('--json', 'print JSON')
    .action(async (name: string | undefined, { project, reason, json }: Options) => {
      await withWritableStore(project, async (store) => {
        const study = findStudy(store, name);
        const cancelled = await cancelStudy({ store, study: study.name, reason });
        if (json) return printJson({ study: study.name, ...cancelled });
        printFitted(
          cancelled.state === 'requested'
            ? `Process ${cancelled.pid} on ${cancelled.host} was asked to stop study "${study.name}".`
            : `Study "${study.name}" is cancelled. Continue it with: autopilot resume ${study.name}`,
        );
      });
    });
}
