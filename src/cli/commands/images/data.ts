import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { type CaseFacts, checkDataset } from '../../../imgmed/check/check-dataset.ts';
import { stopsPrep } from '../../../imgmed/check/finding.ts';
import { datasetLayouts } from '../../../imgmed/datasets/case-list.ts';
import { textTable } from '../../../report/tables/text-table.ts';
import { dataCheckPage, factColumns, factRows, isNumber } from '../../dashboard/data-check-page.ts';
import { counted, printFitted, printJson } from '../../output.ts';

interface CheckOptions {
  layout: 'auto' | (typeof datasetLayouts)[number];
  patientPattern?: string;
  pictures?: string;
  table?: boolean;
  html?: string;
  json?: boolean;
}

export function command(): Command {
  const data = new Command('data').description('Checks data sets before training.');
  return data.addCommand(check());
}

function check(): Command {
  return new Command('check')
    .description('Reads every scan and mask and says what would go wrong, with a picture of each finding.')
    .argument('<folder>', 'folder of the data set')
    .addOption(new Option('--layout <layout>').choices(['auto', ...datasetLayouts]).default('auto'))
    .option('--patient-pattern <regex>', 'finds the patient in a case id')
    .option('--pictures <folder>', 'where overlay pictures go (default: FOLDER/.check)')
    .option('--table', 'print size, spacing, intensities and labels of each case')
    .option('--html <file>', 'write findings, numbers and a picture of each case as one page')
    .option('--json', 'print JSON')
    .action(
      async (
        folder: string,
        { layout, patientPattern, pictures = join(folder, '.check'), table, html, json }: CheckOptions,
      ) => {
        const onCase = (done: number, total: number, id: string): void => {
          if (process.stderr.isTTY)
            process.stderr.write(`\r\u001b[K${done}/${total} ${id}${done === total ? '\r\u001b[K' : ''}`);
        };
        const report = await checkDataset(folder, {
          layout,
          patientPattern,
          pictures,
          illustrate: html !== undefined,
          onCase,
        });
        const errors = report.findings.filter(({ severity }) => severity === 'error').length;
        if (html !== undefined) writeFileSync(html, dataCheckPage(report));
        if (json) printJson(report);
        else {
          const lines = report.findings.map(
            ({ severity, kind, sentence, picture }) =>
              `${severity} ${kind}: ${sentence}.${picture === null ? '' : `\n    picture: ${picture}`}`,
          );
          const warnings = report.findings.length - errors;
          const count = `${report.name}: ${counted(report.cases, 'case')} (${report.layout}), ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
          const facts = table ? [factTable(report.facts)] : [];
          const stopping = report.findings.filter((one) => one.severity === 'warning' && stopsPrep(one)).length;
          printFitted([...facts, ...lines, count, ...stoppingText(stopping)].join('\n'));
        }
        if (errors > 0) process.exitCode = 1;
      },
    );
}

function stoppingText(warnings: number): string[] {
  if (warnings === 0) return [];
  return [`autopilot prep stops at ${warnings} of these warnings; each says how to resolve it.`];
}

function factTable(facts: readonly CaseFacts[]): string {
  const columns = factColumns.map((heading, index) => ({
    heading,
    align: isNumber(index) ? ('right' as const) : ('left' as const),
  }));
  return textTable({ columns, rows: factRows(facts) });
}
