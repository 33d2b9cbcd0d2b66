import { Command } from 'commander';
import { count } from '../../../domain/text/format.ts';
import { makeFolder } from '../../../protocol/files/make-folder.ts';
import { readArchive } from '../../../report/archive/read.ts';
import { printFitted, printJson } from '../../output.ts';
import { newProjectOption } from '../../project-option.ts';
import { withWritableStore } from '../../writable-store.ts';
import { importAutoCnnp } from './import-auto-cnnp.ts';

export function command(): Command {
  return new Command('import')
    .description(
      'Restores a study from an archive that "autopilot export --archive" wrote; or converts a config: import auto-cnnp config.xml.',
    )
    .argument('<archive>', 'the .tar.gz')
    .addOption(newProjectOption())
    .option('--json', 'print JSON')
    .addCommand(importAutoCnnp())
    .action(async (file: string, { project = '.', json }: { project?: string; json?: true }) => {
      makeFolder(project);
      await withWritableStore(project, async (store) => {
        const { study, files, leftOut } = await readArchive({ store, project, file });
        if (json) return printJson({ study, project, files: files.length, leftOut });
        const outside =
          leftOut === 0
            ? ''
            : ` ${leftOut === 1 ? '1 file outside its run directories was' : `${leftOut} files outside its run directories were`} left out.`;
        printFitted(
          `Imported "${study}" (${count(files.length, 'file')}).${outside} See it with: autopilot history ${study} --project ${project}. It was made elsewhere, so nothing it names is started until you run: autopilot trust ${study} --project ${project}`,
        );
      });
    });
}
