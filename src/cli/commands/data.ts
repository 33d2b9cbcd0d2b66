import { join } from 'node:path';
import { Command, Option } from 'commander';
import { checkDataset } from '../../imgmed/check/check-dataset.ts';
import { datasetLayouts } from '../../imgmed/datasets/case-list.ts';
import { counted, printJson, printText } from '../output.ts';

interface CheckOptions {
  layout: 'auto' | (typeof datasetLayouts)[number];
  patientPattern?: string;
  pictures?: string;
  json?: boolean;
}

export function command(): Command {
  const data = new Command('data').description('look at data sets before they are trained on');
  return data.addCommand(check());
}

function check(): Command {
  return new Command('check')
    .description('read every scan and mask and say what would go wrong, with a picture of each finding')
    .argument('<folder>', 'folder of the data set')
    .addOption(new Option('--layout <layout>').choices(['auto', ...datasetLayouts]).default('auto'))
    .option('--patient-pattern <regex>', 'finds the patient in a case id')
    .option('--pictures <folder>', 'where overlay pictures go (default: FOLDER/.check)')
    .option('--json', 'print JSON')
    .action(
      async (folder: string, { layout, patientPattern, pictures = join(folder, '.check'), json }: CheckOptions) => {
        const onCase = (done: number, total: number, id: string): void => {
          if (process.stderr.isTTY)
            process.stderr.write(`\r\u001b[K${done}/${total} ${id}${done === total ? '\r\u001b[K' : ''}`);
        };
        const report = await checkDataset(folder, { layout, patientPattern, pictures, onCase });
        const errors = report.findings.filter(({ severity }) => severity === 'error').length;
        if (json) printJson(report);
        else {
          const lines = report.findings.map(
            ({ severity, kind, sentence, picture }) =>
              `${severity} ${kind}: ${sentence}.${picture === null ? '' : `\n    picture: ${picture}`}`,
          );
          const warnings = report.findings.length - errors;
          const count = `${report.name}: ${counted(report.cases, 'case')} (${report.layout}), ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
          printText([...lines, count].join('\n'));
        }
        if (errors > 0) process.exitCode = 1;
      },
    );
}
