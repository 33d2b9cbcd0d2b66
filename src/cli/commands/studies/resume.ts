import { resolve } from 'node:path';
import { Command } from 'commander';
import { loadStudyConfig } from '../../../config/load.ts';
import { storedConfig } from '../../../config/stored.ts';
import { AutopilotError } from '../../../domain/errors.ts';
import { engineOf, requestResume } from '../../../engine/study/study-requests.ts';
import { type CompanionOptions, withCompanionOptions } from '../../companions.ts';
import { printFitted, printJson } from '../../output.ts';
import { findStudy } from '../../project.ts';
import { projectOption } from '../../project-option.ts';
import { driveScale } from '../../study/drive-scale.ts';
import { driveStudy } from '../../study/drive-study.ts';
import { withWritableStore } from '../../writable-store.ts';

interface Options extends CompanionOptions {
  project: string;
  config?: string;
  json?: true;
  quiet?: true;
}

export function command(): Command {
  const command = new Command('resume')
    .description('Continues a study that was paused, interrupted or cancelled, or has failed; finished runs are kept.')
    .argument('[study]', "the study's name (default: the only study)")
    .addOption(projectOption())
    .option('--config <file>', 'use a changed config, such as a larger budget, instead of the stored one')
    .option('-q, --quiet', 'print only warnings and the end, no progress')
    .option('--json', 'print progress as JSON, one event a line');
  return withCompanionOptions(command).action(
    async (name: string | undefined, { project, config: path, json, quiet, ...companions }: Options) => {
      await withWritableStore(project, async (store) => {
        const scaling = store.scalings().find((one) => one.name === name);
        if (scaling !== undefined && path === undefined) {
          const stored = storedConfig(scaling, resolve(project));
          return driveScale({ store, config: stored, project, json: json === true, quiet, out: project });
        }
        const study = findStudy(store, name);
        if (study.outcome === null && path === undefined && engineOf(store, study) !== null) {
          const engine = requestResume({ store, study: study.name, reason: 'asked for by the user' });
          if (json) return printJson({ study: study.name, state: 'requested', ...engine });
          return printFitted(`Process ${engine.pid} on ${engine.host} was asked to resume study "${study.name}".`);
        }
        const config = path === undefined ? storedConfig(study, resolve(project)) : loadStudyConfig(path).config;
        if (config.name !== study.name) {
          throw new AutopilotError('study.differs', `${path} describes study "${config.name}", not "${study.name}".`);
        }
        await driveStudy({ store, config, project, json: json === true, quiet, reopen: true, companions });
      });
    },
  );
}
