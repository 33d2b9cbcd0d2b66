import { writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { Command, InvalidArgumentError, Option } from 'commander';
import { AutopilotError } from '../../../domain/errors.ts';
import { readCaseList } from '../../../imgmed/datasets/read-case-list.ts';
import { makeFolder } from '../../../protocol/files/make-folder.ts';
import { boxPlotSvg } from '../../../segeval/box-plot.ts';
import { defaultSurfaceToleranceMm } from '../../../segeval/case-metrics.ts';
import { evaluateFolders } from '../../../segeval/cases.ts';
import { describeEmptyMaskPolicy, type EmptyMaskPolicy } from '../../../segeval/empty-masks.ts';
import { bootstrap, describeIntervals } from '../../../segeval/interval.ts';
import { type Label, labelOf } from '../../../segeval/label.ts';
import { casesCsv, lesionSentences, nameOf } from '../../../segeval/report.ts';
import { summarize, summarizeAllClasses } from '../../../segeval/summary.ts';
import { counted, printJson, printText } from '../../output.ts';
import { allClassesTable, summaryTables } from './eval-text.ts';

interface EvalOptions {
  labels?: string;
  ignore?: number;
  tolerance: number;
  csv?: string;
  plot?: string;
  json?: boolean;
  bothEmpty: EmptyMaskPolicy['bothEmpty'];
  oneEmpty: EmptyMaskPolicy['oneEmpty'];
}

export function command(): Command {
  return new Command('eval')
    .description('Compares predicted masks with true ones: overlap, surfaces and volumes, per class and case.')
    .argument('<predicted>', 'folder of masks, or one mask')
    .argument('<truth>', 'folder of masks with the same names, or one mask')
    .option(
      '--labels <list>',
      "label values with names: 1=liver,2=tumour,1+2=both, or a data set's dataset.json (default: every value in the true masks)",
    )
    .option(
      '--ignore <value>',
      'leave out voxels with this value in the true masks (default: "ignore" in dataset.json)',
      labelValue,
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
      'surfaceDice counts points of a surface within this distance of the other',
      millimetres,
      defaultSurfaceToleranceMm,
    )
    .option('--csv <file>', 'write one row per case and class')
    .option('--plot <file>', 'draw box plots (.svg or .png)')
    .option('--json', 'print JSON')
    .action(async (predicted: string, truth: string, options: EvalOptions) => {
      const { csv, plot, json } = options;
      const declared = await labelNames(options.labels);
      const { names } = declared;
      const ignore = options.ignore ?? declared.ignore;
      const emptyMasks: EmptyMaskPolicy = { bothEmpty: options.bothEmpty, oneEmpty: options.oneEmpty };
      const labels = names.size > 0 ? [...names.keys()] : undefined;
      const evaluation = await evaluateFolders(predicted, truth, {
        emptyMasks,
        labels,
        ignore,
        surfaceToleranceMm: options.tolerance,
      });
      const { results, failures } = evaluation;
      const summaries = summarize(results);
      const allClasses = summarizeAllClasses(evaluation.allClasses);
      if (csv !== undefined) writeFileSync(csv, casesCsv(evaluation, names));
      if (plot !== undefined) writePlot(plot, boxPlotSvg(summaries, names));
      if (json) {
        const named = <T extends { label: Label }>(entry: T) => ({ class: nameOf(entry.label, names), ...entry });
        printJson({
          emptyMasks,
          surfaceToleranceMm: options.tolerance,
          ...(ignore === undefined ? {} : { ignore }),
          intervals: bootstrap,
          summaries: summaries.map(named),
          allClasses: { summaries: allClasses, cases: evaluation.allClasses.cases },
          cases: results.map(named),
          failures,
        });
      } else {
        const lines = [
          ...summaryTables(summaries, names).map((table) => `${table}\n`),
          ...(allClasses.length > 0 ? [`${allClassesTable(allClasses)}\n`] : []),
          ...lesionSentences(results, names),
          `surfaceDice: points within ${options.tolerance} mm of the other surface. Lesions: voxels that touch, at corners too.`,
          ...(ignore === undefined ? [] : [`Voxels whose true label is ${ignore} are left out.`]),
          describeIntervals(),
          describeEmptyMaskPolicy(emptyMasks),
        ];
        if (failures.length > 0) {
          const what = `not evaluated: ${failures.map(({ id }) => id).join(', ')}`;
          lines.push(`${counted(failures.length, 'case')} ${what}; the numbers cover the others.`);
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

interface Declared {
  /** The labels to evaluate, with their names. */
  names: Map<Label, string>;
  ignore?: number;
}

async function labelNames(text: string | undefined): Promise<Declared> {
  if (text === undefined) return { names: new Map() };
  return basename(text) === 'dataset.json' ? declaredLabels(text) : { names: labelList(text) };
}

/** The labels that a data set declares, without the background; its regions if it has any, as in nnU-Net. */
async function declaredLabels(path: string): Promise<Declared> {
  const { labels, regions, ignoredLabel } = await readCaseList(dirname(path), { layout: 'auto' });
  const single = labels.filter(({ value }) => value !== 0 && value !== ignoredLabel);
  const judged = regions.length > 0 ? regions : single.map(({ value, name }) => ({ name, values: [value] }));
  return {
    names: new Map(judged.map(({ values, name }) => [labelOf(values), name])),
    ...(ignoredLabel === null ? {} : { ignore: ignoredLabel }),
  };
}

function labelList(text: string): Map<Label, string> {
  const names = new Map<Label, string>();
  for (const entry of text.split(',')) {
    const [value = '', name] = entry.split('=');
    const values = value.split('+').map((one) => (one.trim() === '' ? Number.NaN : Number(one)));
    if (!values.every(Number.isInteger)) {
      throw new AutopilotError(
        'usage.labels',
        `--labels: "${entry}" is not VALUE, VALUE=NAME or VALUE+VALUE=NAME with whole numbers, nor a dataset.json; for example 1=liver,2=tumour`,
      );
    }
    names.set(labelOf(values), name ?? `label ${value}`);
  }
  return names;
}

function labelValue(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value))
    throw new InvalidArgumentError(`"${text}" is not a whole number.`);
  return value;
}

function millimetres(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError(`"${text}" is not a number of millimetres, 0 or more.`);
  }
  return value;
}

function writePlot(path: string, svg: string): void {
  makeFolder(dirname(resolve(path)));
  writeFileSync(path, path.endsWith('.png') ? new Resvg(svg, { background: 'white' }).render().asPng() : svg);
}
