import { writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { Command, InvalidArgumentError, Option } from 'commander';
import { AutopilotError } from '../../domain/errors.ts';
import { readCaseList } from '../../imgmed/datasets/read-case-list.ts';
import { boxPlotSvg } from '../../segeval/box-plot.ts';
import { defaultSurfaceToleranceMm } from '../../segeval/case-metrics.ts';
import { evaluateFolders } from '../../segeval/cases.ts';
import { describeEmptyMaskPolicy, type EmptyMaskPolicy } from '../../segeval/empty-masks.ts';
import { bootstrap, describeIntervals } from '../../segeval/interval.ts';
import { allClassesTable, casesCsv, lesionSentences, nameOf, summaryTable } from '../../segeval/report.ts';
import { summarize, summarizeAllClasses } from '../../segeval/summary.ts';
import { counted, printJson, printText } from '../output.ts';

interface EvalOptions {
  labels?: string;
  tolerance: number;
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
      "label values with names: 1=liver,2=tumour, or a data set's dataset.json; left out: every value that the true masks hold",
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
    .option(
      '--tolerance <mm>',
      'surfaceDice counts points of a surface that lie this near the other one',
      millimetres,
      defaultSurfaceToleranceMm,
    )
    .option('--csv <file>', 'write one row per case and class')
    .option('--plot <file>', 'draw box plots (.svg or .png)')
    .option('--json', 'print JSON')
    .action(async (predicted: string, truth: string, options: EvalOptions) => {
      const { csv, plot, json } = options;
      const names = options.labels === undefined ? new Map<number, string>() : await labelNames(options.labels);
      const emptyMasks: EmptyMaskPolicy = { bothEmpty: options.bothEmpty, oneEmpty: options.oneEmpty };
      const labels = names.size > 0 ? [...names.keys()] : undefined;
      const evaluation = await evaluateFolders(predicted, truth, {
        emptyMasks,
        labels,
        surfaceToleranceMm: options.tolerance,
      });
      const { results, failures } = evaluation;
      const summaries = summarize(results);
      const allClasses = summarizeAllClasses(evaluation.allClasses);
      if (csv !== undefined) writeFileSync(csv, casesCsv(evaluation, names));
      if (plot !== undefined) writePlot(plot, boxPlotSvg(summaries, names));
      if (json) {
        const named = <T extends { label: number }>(entry: T) => ({ class: nameOf(entry.label, names), ...entry });
        printJson({
          emptyMasks,
          surfaceToleranceMm: options.tolerance,
          intervals: bootstrap,
          summaries: summaries.map(named),
          allClasses: { summaries: allClasses, cases: evaluation.allClasses.cases },
          cases: results.map(named),
          failures,
        });
      } else {
        const lines = [
          summaryTable(summaries, names),
          ...(allClasses.length > 0 ? [allClassesTable(allClasses)] : []),
          ...lesionSentences(results, names),
          `surfaceDice: points within ${options.tolerance} mm of the other surface. Lesions: voxels that touch, at corners too.`,
          describeIntervals(),
          describeEmptyMaskPolicy(emptyMasks),
        ];
        if (failures.length > 0) {
          const what = `not evaluated: ${failures.map(({ id }) => id).join(', ')}`;
          lines.push(`${counted(failures.length, 'case')} ${what}; the numbers are of the others.`);
        }
        printText(lines.join('\n'));
        for (const { id, reason } of failures) process.stderr.write(`${id}: ${reason}\n`);
      }
      if (results.length === 0 && failures.length === 0) {
        process.stderr.write('no true mask holds a label, so nothing was evaluated; name the labels with --labels\n');
      }
      if (failures.length > 0 || results.length === 0) process.exitCode = 1;
    });
}

async function labelNames(text: string): Promise<Map<number, string>> {
  return basename(text) === 'dataset.json' ? declaredLabels(text) : labelList(text);
}

/** What a data set declares, the background left out. */
async function declaredLabels(path: string): Promise<Map<number, string>> {
  const { labels, undecidedLabels } = await readCaseList(dirname(path), { layout: 'auto' });
  if (undecidedLabels !== null) {
    throw new AutopilotError(
      'eval.labels',
      `${path}: declares regions or "ignore", and a voxel has one label here; name those to evaluate: --labels 1=liver,2=tumour`,
    );
  }
  return new Map(labels.filter(({ value }) => value !== 0).map(({ value, name }) => [value, name]));
}

function labelList(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const entry of text.split(',')) {
    const [value, name] = entry.split('=');
    const label = Number(value);
    if (!Number.isInteger(label) || value === '') {
      throw new AutopilotError(
        'usage.labels',
        `--labels: "${entry}" is not VALUE or VALUE=NAME with a whole number, and no dataset.json; for example 1=liver,2=tumour`,
      );
    }
    names.set(label, name ?? `label ${label}`);
  }
  return names;
}

function millimetres(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError(`"${text}" is not a number of millimetres, 0 or more.`);
  }
  return value;
}

function writePlot(path: string, svg: string): void {
  writeFileSync(path, path.endsWith('.png') ? new Resvg(svg, { background: 'white' }).render().asPng() : svg);
}
