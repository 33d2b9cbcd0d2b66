import { Command } from 'commander';
import type { Store } from '../../../../db/index.ts';
import { most } from '../../../config/sections/bounds.ts';
import { historyCsv } from '../../../report/history/csv.ts';
import { lastIterations, studyHistory } from '../../../report/history/history.ts';
import { studyList, studyListText } from '../../../report/history/study-list.ts';
import { historyText } from '../../../report/history/text.ts';
import { withParts } from '../../../report/parts.ts';
import { partsText } from '../../../report/parts-text.ts';
import { printFitted, printJson, printText, textOptions } from '../../output.ts';
import { findStudy, withStore } from '../../project.ts';
import { projectOption } from '../../project-option.ts';
import { wholeNumber } from '../../whole-number.ts';

interface Options {
  project: string;
  json?: true;
  csv?: true;
  last?: number;
  all?: true;
  classes?: true;
}

/** Number of iterations printed by default. */
const printedIterations = 50;

export function command(): Command {
  return new Command('history')
    .description(
      "Prints a study's iterations as the thesis's table; without a name and with several studies, their list.",
    )
    .argument('[study]', "the study's name (default: the only study)")
    .addOption(projectOption())
    .option(
      '--last <n>',
      `only the last n iterations (default: ${printedIterations}; JSON and CSV have all)`,
      wholeNumber({ limit: most.slices }),
    )
    .option('--all', 'every iteration')
    .option('--classes', 'instead: each part of the data (validation, test) and each class (JSON and CSV have both)')
    .option('--json', 'print JSON')
    .option('--csv', 'print CSV')
    .action((name: string | undefined, options: Options) => {
      withStore(options.project, (store) => print(store, name, options));
    });
}

function print(store: Store, name: string | undefined, { json, csv, last, all, classes }: Options): void {
  if (name === undefined && store.studies().length !== 1) {
    const list = studyList(store);
    if (json) printJson(list);
    else printFitted(studyListText(list, textOptions()));
    return;
  }
  const study = findStudy(store, name);
  const many = all ? undefined : (last ?? (json || csv ? undefined : printedIterations));
  const range = many === undefined ? undefined : lastIterations(store, study, many);
  const history = withParts(store, study, studyHistory(store, study, { range }));
  if (json) printJson(history);
  else if (csv) printText(historyCsv(history));
  else if (classes) printFitted(partsText(history, textOptions()));
  else printFitted(historyText(history, textOptions()));
}
