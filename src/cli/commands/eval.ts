import { writeFileSync } from 'node:fs';
import { Resvg } from '@resvg/resvg-js';
import { Command, InvalidArgumentError, Option } from 'commander';
import { boxPlotSvg } from '../../segeval/box-plot.ts';
import { evaluateFolders } from '../../segeval/cases.ts';
import { describeEmptyMaskPolicy, type EmptyMaskPolicy } from '../../segeval/empty-masks.ts';
import { casesCsv, nameOf, summaryTable } from '../../segeval/report.ts';
import { summarize } from '../../segeval/summary.ts';
import { printJson } from '../output.ts';

interface EvalOptions {
  labels?: Map<number, string>;
  csv?: string;
  plot?: string;
  json?: boolean;
  bothEmpty: EmptyMaskPolicy['bothEmpty'];
  oneEmpty: EmptyMaskPolicy['oneEmpty'];
}

export function command(): Command {
  return new Command('eval')
    .description('compare predicted masks with true ones: overlap, surfaces and volumes, per class and case')
    .argument('<predicted>', 'folder of masks, or one mask')
    .argument('<truth>', 'folder of masks of the same names, or one mask')
    .option(
      '--labels <list>',
      'label values with names: 1=liver,2=tumour; left out: every value that the true masks hold',
      labelList,
    )
    .addOption(
      new Option('--both-empty <policy>', 'a class in neither mask of a case')
        .choices(['exclude', 'perfect'])
        .default('exclude'),
    )
    .addOption(
      new Option('--one-empty <policy>', 'distances where only one mask has the class')
        .choices(['diagonal', 'exclude', 'infinite'])
        .default('diagonal'),
    )
    .option('--csv <file>', 'write one row per case and class')
    .option('--plot <file>', 'draw box plots (.svg or .png)')
    .option('--json', 'print JSON')
    .action(async (predicted: string, truth: string, options: EvalOptions) => {
      const { labels: names = new Map<number, string>(), csv, plot, json } = options;
      const emptyMasks: EmptyMaskPolicy = { bothEmpty: options.bothEmpty, oneEmpty: options.oneEmpty };
      const labels = names.size > 0 ? [...names.keys()] : undefined;
      const { results, failures } = await evaluateFolders(predicted, truth, { emptyMasks, labels });
      const summaries = summarize(results);
      if (csv !== undefined) writeFileSync(csv, casesCsv(results, names));
      if (plot !== undefined) writePlot(plot, boxPlotSvg(summaries, names));
      if (json) {
        const named = <T extends { label: number }>(entry: T) => ({ class: nameOf(entry.label, names), ...entry });
        const report = { emptyMasks, summaries: summaries.map(named), cases: results.map(named), failures };
        printJson(report);
      } else {
        process.stdout.write(`${summaryTable(summaries, names)}\n${describeEmptyMaskPolicy(emptyMasks)}\n`);
        for (const { id, reason } of failures) process.stderr.write(`${id}: ${reason}\n`);
      }
      if (results.length === 0 && failures.length === 0) {
        process.stderr.write('no true mask holds a label, so nothing was evaluated; name the labels with --labels\n');
      }
      if (failures.length > 0 || results.length === 0) process.exitCode = 1;
    });
}

function labelList(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const entry of text.split(',')) {
    const [value, name] = entry.split('=');
    const label = Number(value);
    if (!Number.isInteger(label) || value === '') {
      throw new InvalidArgumentError(`"${entry}" is not VALUE or VALUE=NAME with a whole number.`);
    }
    names.set(label, name ?? `label ${label}`);
  }
  return names;
}

function writePlot(path: string, svg: string): void {
  writeFileSync(path, path.endsWith('.png') ? new Resvg(svg, { background: 'white' }).render().asPng() : svg);
}
