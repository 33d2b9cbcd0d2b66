import { Command } from 'commander';
import { requestStop } from '../../../engine/study/study-requests.ts';
import { printFitted, printJson } from '../../output.ts';
import { projectOption } from '../../project-option.ts';
import { withWritableStore } from '../../writable-store.ts';

interface Options {
  project: string;
  reason: string;
  json?: true;
}

export function command(): Command {
  return new Command('stop')
    .description(
      'Stops one run at its next checkpoint. Its study continues with other runs, then waits; resume continues the run.',
    )
    .argument('<run>', "the run's id, STUDY.KEY, such as cerebellum.iteration-3")
    .addOption(projectOption())
    .option('--reason <text>', 'why, for the history', 'asked for by the user')
    .option('--json', 'print JSON')
    .action(async (run: string, { project, reason, json }: Options) => {
      await withWritableStore(project, (store) => {
        const engine = requestStop({ store, run, reason });
        if (json) return printJson({ run, state: 'requested', ...engine });
        printFitted(`Process ${engine.pid} on ${engine.host} was asked to stop run "${run}".`);
      });
    });
}
