import { writeFileSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { makeFolder } from '../../../protocol/files/make-folder.ts';
import type { ReportDocument } from '../../../report/document/document.ts';
import { toHtml } from '../../../report/document/html.ts';
import { toMarkdown } from '../../../report/document/markdown.ts';
import { reportOf } from '../../../report/study-report/report-of.ts';
import { printJson, printText } from '../../output.ts';
import { findStudy, withStore } from '../../project.ts';
import { projectOption } from '../../project-option.ts';

interface Options {
  project: string;
  out?: string;
  json?: true;
}

/** Extensions by which `--out` names a single page instead of a folder. */
const pages = ['.html', '.md'];

export function command(): Command {
  return new Command('report')
    .description(
      'Writes a report on a study, comparison or scaling (what was done, how to repeat it): report.html (self-contained), report.md with its figures, and manifest.json.',
    )
    .argument('[study]', 'the name of the study, comparison or scaling (default: the only study)')
    .addOption(projectOption())
    .option(
      '--out <path>',
      'a folder for everything, or a file: x.html for the page alone, x.md with its figures beside it (default: reports/<study> in the project)',
    )
    .option('--json', 'print the manifest instead of writing files')
    .action((name: string | undefined, options: Options) => {
      withStore(options.project, (store) => {
        const found =
          name === undefined
            ? undefined
            : [...store.scalings(), ...store.comparisons()].find((one) => one.name === name);
        const study = found ?? findStudy(store, name);
        const { document, manifest } = reportOf(store, study);
        if (options.json) {
          printJson(manifest);
          return;
        }
        const { out } = options;
        if (out !== undefined && pages.includes(extname(out))) {
          makeFolder(dirname(resolve(out)));
          writeFileSync(out, extname(out) === '.html' ? toHtml(document) : toMarkdown(document));
          // An HTML page contains its figures.
          if (extname(out) === '.md') writeFigures(document, dirname(resolve(out)));
          printText(`Wrote ${out}.`);
          return;
        }
        const folder = resolve(out ?? join(options.project, 'reports', study.name));
        makeFolder(folder);
        writeFileSync(join(folder, 'report.html'), toHtml(document));
        writeFileSync(join(folder, 'report.md'), toMarkdown(document));
        writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
        writeFigures(document, folder);
        printText(`Wrote ${relative(process.cwd(), join(folder, 'report.html'))}, report.md and manifest.json.`);
      });
    });
}

function writeFigures(document: ReportDocument, folder: string): void {
  for (const block of document.sections.flatMap(({ blocks }) => blocks)) {
    if (block.type === 'figure') writeFileSync(join(folder, block.file), block.svg);
  }
}
