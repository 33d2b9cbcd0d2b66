import { Command } from 'commander';
import { loadStudyConfig } from '../../../config/load.ts';
import { knownTrainingsText } from '../../../domain/known-trainings.ts';
import { guidelineKind } from '../../../engine/plans/guideline-kind.ts';
import { dryRun as firstRuns } from '../../../engine/study/dry-run.ts';
import { freshName } from '../../../engine/study/fresh-name.ts';
import { type CompanionOptions, withCompanionOptions } from '../../companions.ts';
import { printFitted, printJson } from '../../output.ts';
import { newProjectOption, projectFor } from '../../project-option.ts';
import { driveStudy } from '../../study/drive-study.ts';
import { freshOption, knownIn } from '../../study/known-trainings.ts';
import { withWritableStore } from '../../writable-store.ts';

interface Options extends CompanionOptions {
  project?: string;
  json?: true;
  quiet?: true;
  dryRun?: true;
  freshName?: true;
  fresh?: true;
}

export function command(): Command {
  const command = new Command('run')
    .description('Runs a study from its baseline to its outcome, or continues it if it has already begun.')
    .argument('[config]', 'the study config, a folder with a study.yaml, or - for standard input', '.')
    .addOption(newProjectOption())
    .option('--dry-run', 'print the plan, the schedule and what would be started; start nothing')
    .option('--fresh-name', 'number the name (cerebellum-2) if a study of that name already exists')
    .addOption(freshOption())
    .option('-q, --quiet', 'print only warnings and the end, no progress')
    .option('--json', 'print progress as JSON, one event a line');
  return withCompanionOptions(command).action(
    async (
      path: string,
      { project: named, json, quiet, dryRun, freshName: newName, fresh, ...companions }: Options,
    ) => {
      const { config: loaded, directory } = loadStudyConfig(path);
      const project = projectFor(named, directory);
      if (dryRun) {
        const first = firstRuns({ config: loaded, directory: project });
        const known = knownIn(project, guidelineKind, { config: loaded, fresh });
        if (json) printJson({ ...first.data, known });
        else printFitted([...knownTrainingsText(known), first.text].join('\n'));
        return;
      }
      await withWritableStore(project, async (store) => {
        const config = newName ? { ...loaded, name: freshName(store, loaded.name) } : loaded;
        const driven = {
          store,
          config,
          project,
          configPath: path === '-' ? null : path,
          json: json === true,
          quiet,
          fresh,
          companions,
        };
        await driveStudy({ ...driven, reopen: false });
      });
    },
  );
}
