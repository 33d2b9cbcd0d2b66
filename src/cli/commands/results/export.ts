import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { Store, StudyRecord } from '../../../../db/index.ts';
import { openStore } from '../../../../db/index.ts';
import { AutopilotError, messageOf } from '../../../domain/errors.ts';
import { count } from '../../../domain/text/format.ts';
import { isHeld } from '../../../engine/study/lease.ts';
import { writeArchive } from '../../../report/archive/write.ts';
import { studiesOf } from '../../../report/scaling/scaling.ts';
import { type TableFormat, tableFormats, tableText } from '../../../report/tables/export-text.ts';
import { printFitted, printJson, printText } from '../../output.ts';
import { findStudy } from '../../project.ts';
import { projectOption, storeFileName } from '../../project-option.ts';

interface Options {
  project: string;
  format: TableFormat;
  out?: string;
  archive?: string;
  checkpoints?: true;
  json?: true;
}

export function command(): Command {
  return new Command('export')
    .description("Writes a study's table for a paper or a program, or the whole study as one archive.")
    .argument('[study]', "the study's or the scaling's name (default: the only study)")
    .addOption(projectOption())
    .addOption(new Option('--format <name>', 'how the table is written').choices(tableFormats).default('csv'))
    .option('--out <file>', 'write to a file instead of standard output')
    .option(
      '--archive <file>',
      'write everything into one .tar.gz, which "autopilot import" restores; for a scaling, one more for each number of workers',
    )
    .option('--checkpoints', 'with --archive: the checkpoints too')
    .option('--json', 'print the table as JSON; with --out or --archive, what was written')
    .action(async (name: string | undefined, typed: Options, command: Command) => {
      const options = withJson(typed, command.getOptionValueSource('format') !== 'default');
      const store = openStore({ path: join(resolve(options.project), storeFileName), readOnly: true });
      try {
        // An archive may also hold a comparison.
        const comparison = store.comparisons().find((one) => one.name === name);
        const scaled = store.scalings().find((one) => one.name === name);
        const { archive, format } = options;
        const study = () => findStudy(store, name);
        if (archive === undefined) writeTable(tableText(store, scaled ?? study(), format), options);
        else if (scaled !== undefined) report(await exportScaling(store, scaled, { ...options, archive }), options);
        else report([await exportArchive(store, comparison ?? study(), { ...options, archive })], options);
      } finally {
        store.close();
      }
    });
}

/** When the table is printed, `--json` implies `--format json`. */
function withJson(options: Options, hasFormat: boolean): Options {
  const isPrinted = options.out === undefined && options.archive === undefined;
  if (!options.json || !isPrinted || options.format === 'json') return options;
  if (!hasFormat) return { ...options, format: 'json' };
  throw new AutopilotError(
    'usage.format',
    `--json prints the table as JSON and --format ${options.format} does not; leave one out, or write a file with --out.`,
  );
}

/** A file that was written; for an archive, with the number of files inside. */
interface Written {
  file: string;
  files?: number;
}

function report(written: readonly Written[], { json }: Options): void {
  if (json) printJson({ written });
  else
    for (const { file, files } of written) {
      const restored =
        files === undefined
          ? ''
          : `: ${count(files, 'file')}. Restore it with: autopilot import ${file} --project FOLDER`;
      printFitted(`Wrote ${file}${restored || '.'}`);
    }
}

/** Writes the scaling's archive and, beside it, one for each of its studies. */
async function exportScaling(
  store: Store,
  scaled: StudyRecord,
  options: Options & { archive: string },
): Promise<Written[]> {
  const written: Written[] = [];
  for (const each of studiesOf(store, scaled)) {
    const archive = options.archive.replace(
      /(\.tar\.gz|\.tgz)?$/,
      (ending) => `-k${each.workers}${ending || '.tar.gz'}`,
    );
    written.push(await exportArchive(store, each, { ...options, archive }));
  }
  return [...written, await exportArchive(store, scaled, options)];
}

function writeTable(text: string, { out, ...options }: Options): void {
  if (out === undefined) {
    printText(text);
    return;
  }
  explained(out, () => writeFileSync(out, text));
  report([{ file: out }], options);
}

async function exportArchive(
  store: Store,
  study: StudyRecord,
  options: Options & { archive: string },
): Promise<Written> {
  const { project, archive, checkpoints } = options;
  const held = store.leaseOf(study.id);
  if (held && isHeld(held, Date.now())) {
    throw new AutopilotError(
      'study.busy',
      `Study "${study.name}" is running (process ${held.pid} on ${held.host}); an archive of it would not be consistent. Pause it with Ctrl-C there, or wait.`,
    );
  }
  try {
    const { files } = await writeArchive({ store, study, project, file: archive, checkpoints: checkpoints === true });
    return { file: archive, files: files.length };
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
