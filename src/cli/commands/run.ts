import { Command } from 'commander';
import { loadStudyConfig } from '../../config/load.ts';
import { dryRun as firstRuns } from '../../engine/study/dry-run.ts';
import { freshName } from '../../engine/study/fresh-name.ts';
import { type CompanionOptions, withCompanionOptions } from '../companions.ts';
import { driveStudy } from '../drive-study.ts';
import { printJson, printText } from '../output.ts';
import { newProjectOption, projectFor } from '../project-option.ts';
import { withWritableStore } from '../writable-store.ts';

interface Options extends CompanionOptions {
  project?: string;
  json?: true;
  dryRun?: true;
  freshName?: true;
}

export function command(): Command {
  const command = new Command('run')
    .description('Runs a study from its baseline to its outcome, or goes on with it when it has begun.')
    .argument('[config]', 'the study config, or a folder with a study.yaml', '.')
    .addOption(newProjectOption())
    .option('--dry-run', 'print the plan, the schedule and what would be started; start nothing')
    .option('--fresh-name', 'number the name (cerebellum-2) when a study of that name is stored already')
    .option('--json', 'print progress as JSON, one event a line');
  return withCompanionOptions(command).action(
    async (path: string, { project: named, json, dryRun, freshName: fresh, ...companions }: Options) => {
      const { config: loaded, directory } = loadStudyConfig(path);
      const project = projectFor(named, directory);
      if (dryRun) {
        const first = firstRuns({ config: loaded, directory: project });
        if (json) printJson(first.data);
        else printText(first.text);
        return;
      }
      await withWritableStore(project, async (store) => {
        const config = fresh ? { ...loaded, name: freshName(store, loaded.name) } : loaded;
        await driveStudy({ store, config, project, configPath: path, json: json === true, reopen: false, companions });
      });
    },
  );
}
