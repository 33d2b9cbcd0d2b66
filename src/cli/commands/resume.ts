import { Command } from 'commander';
import { loadStudyConfig } from '../../config/load.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { driveStudy } from '../drive-study.ts';
import { findStudy, projectOption } from '../project.ts';
import { withWritableStore } from '../writable-store.ts';

interface Options {
  project: string;
  config?: string;
  json?: true;
}

export function command(): Command {
  return new Command('resume')
    .description('Goes on with a study that was interrupted, has failed or was cancelled; what is finished stays.')
    .argument('[study]', "the study's name; left out: the only one there is")
    .addOption(projectOption())
    .option('--config <file>', 'take a changed config, such as a larger budget, instead of the stored one')
    .option('--json', 'print progress as JSON, one event a line')
    .action(async (name: string | undefined, { project, config: path, json }: Options) => {
      await withWritableStore(project, async (store) => {
        const study = findStudy(store, name);
        const config = path === undefined ? (study.config as ResolvedStudyConfig) : loadStudyConfig(path).config;
        if (config.name !== study.name) {
          throw new AutopilotError('study.differs', `${path} describes study "${config.name}", not "${study.name}".`);
        }
        await driveStudy({ store, config, project, json: json === true, reopen: true });
      });
    });
}
