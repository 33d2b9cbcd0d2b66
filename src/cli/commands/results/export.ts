import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { Store, StudyRecord } from '../../../../db/index.ts';
import { openStore } from '../../../../db/index.ts';
import { AutopilotError, messageOf } from '../../../domain/errors.ts';
import { isHeld } from '../../../engine/study/lease.ts';
import { writeArchive } from '../../../report/archive/write.ts';
import { studiesOf } from '../../../report/scaling/scaling.ts';
import { type TableFormat, tableFormats, tableText } from '../../../report/tables/export-text.ts';
import { printText } from '../../output.ts';
import { findStudy } from '../../project.ts';
import { projectOption, storeFileName } from '../../project-option.ts';

interface Options {
  project: string;
  format: TableFormat;
  out?: string;
  archive?: string;
  checkpoints?: true;
}

export function command(): Command {
  return new Command('export')
    .description("Writes a study's table for a paper or a program, or the whole study as one archive.")
    .argument('[study]', "the study's or the scaling's name; left out: the only study there is")
    .addOption(projectOption())
    .addOption(new Option('--format <name>', 'how the table is written').choices(tableFormats).default('csv'))
    .option('--out <file>', 'write to a file instead of standard output')
    .option(
      '--archive <file>',
      'write everything into one .tar.gz, which "autopilot import" restores; of a scaling one more for each number of workers',
    )
    .option('--checkpoints', 'with --archive: the checkpoints too')
    .action(async (name: string | undefined, options: Options) => {
      const store = openStore({ path: join(resolve(options.project), storeFileName), readOnly: true });
      try {
        // An archive may also hold a comparison.
        const comparison = store.comparisons().find((one) => one.name === name);
        const scaled = store.scalings().find((one) => one.name === name);
        if (scaled !== undefined) await exportScaling(store, scaled, options);
        else if (options.archive === undefined)
          writeTable(tableText(store, findStudy(store, name), options.format), options.out);
        else await exportArchive(store, comparison ?? findStudy(store, name), { ...options, archive: options.archive });
      } finally {
        store.close();
      }
    });
}

/** Its table; or its archive and one for each of its studies, beside it. */
async function exportScaling(store: Store, scaled: StudyRecord, options: Options): Promise<void> {
  const { archive, format, out } = options;
  if (archive !== undefined) {
    for (const each of studiesOf(store, scaled)) {
      const file = archive.replace(/(\.tar\.gz|\.tgz)?$/, (ending) => `-k${each.workers}${ending || '.tar.gz'}`);
      await exportArchive(store, each, { ...options, archive: file });
    }
    return exportArchive(store, scaled, { ...options, archive });
  }
  writeTable(tableText(store, scaled, format), out);
}

function writeTable(text: string, out: string | undefined): void {
  if (out === undefined) {
    printText(text);
    return;
  }
  explained(out, () => writeFileSync(out, text));
  printText(`Wrote ${out}.`);
}

async function exportArchive(store: Store, study: StudyRecord, options: Options & { archive: string }): Promise<void> {
  const { project, archive, checkpoints } = options;
  const held = store.leaseOf(study.id);
  if (held && isHeld(held, Date.now())) {
    throw new AutopilotError(
      'study.busy',
      `Study "${study.name}" is running (process ${held.pid} on ${held.host}); an archive of it would be torn. Pause it with Ctrl-C there, or wait.`,
    );
  }
  try {
    const { files } = await writeArchive({ store, study, project, file: archive, checkpoints: checkpoints === true });
    printText(`Wrote ${archive}: ${files.length} files. Restore it with: autopilot import ${archive} --project FOLDER`);
  } catch (thrown) {
    throw writeError(archive, thrown);
  }
}

function explained(file: string, work: () => void): void {
  try {
    work();
  } catch (thrown) {
    throw writeError(file, thrown);
  }
}

function writeError(file: string, thrown: unknown): unknown {
  if (thrown instanceof AutopilotError) return thrown;
  return new AutopilotError('export.write', `${file} cannot be written: ${messageOf(thrown)}. Name another file.`, {
    cause: thrown,
  });
}
