import { resolve } from 'node:path';
import { Command } from 'commander';
import { AutopilotError } from '../../../domain/errors.ts';
import { isTrusted, keyFile, markOwn, whatItStarts } from '../../../engine/study/trust.ts';
import { printFitted, printJson } from '../../output.ts';
import { projectOption } from '../../project-option.ts';
import { withWritableStore } from '../../writable-store.ts';

interface Options {
  project: string;
  json?: true;
}

export function command(): Command {
  return new Command('trust')
    .description(
      'Lets a study that was made elsewhere (imported, or copied from another computer) start the programs that its config names. Reading it needs no trust.',
    )
    .argument('<study>', "the study's name")
    .addOption(projectOption())
    .option('--json', 'print JSON')
    .action(async (name: string, { project, json }: Options) => {
      await withWritableStore(project, (store) => {
        // Of any kind: comparisons and scalings start programs too.
        const study = store.study(name);
        if (study === undefined)
          throw new AutopilotError('study.unknown', `There is no study "${name}" in ${store.path}.`);
        const starts = whatItStarts(study);
        if (isTrusted(store, study, project)) {
          if (json) return printJson({ study: study.name, state: 'trustedAlready', starts });
          return printFitted(`Study "${study.name}" is already trusted. It starts ${starts}.`);
        }
        if (!markOwn(store, { id: study.id, project: resolve(project), timeMs: Date.now() })) {
          throw new AutopilotError(
            'trust.kept',
            `Trust cannot be saved: ${keyFile()} cannot be written. Set XDG_CONFIG_HOME.`,
          );
        }
        if (json) return printJson({ study: study.name, state: 'trusted', starts });
        printFitted(
          `Study "${study.name}" is trusted here. It starts ${starts}. Continue with: autopilot resume ${study.name}`,
        );
      });
    });
}
