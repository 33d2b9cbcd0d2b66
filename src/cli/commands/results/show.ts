import { Command } from 'commander';
import type { Store } from '../../../../db/index.ts';
import { shownPart } from '../../../report/show/show.ts';
import { shownText } from '../../../report/show/text.ts';
import { printFitted, printJson, textOptions } from '../../output.ts';
import { findStudy, withStore } from '../../project.ts';
import { projectOption } from '../../project-option.ts';

interface Options {
  project: string;
  json?: true;
}

export function command(): Command {
  return new Command('show')
    .description(
      'Prints one iteration or run: setting, curves by epoch, attempts, and the full reason for its decision.',
    )
    .argument('[study]', "the study's name (default: the only study)")
    .argument(
      '[part]',
      'an iteration\'s number, "baseline", or a run\'s key such as validation-4-1 (default: the last iteration)',
    )
    .addOption(projectOption())
    .option('--json', 'print JSON')
    .action((first: string | undefined, second: string | undefined, { project, json }: Options) => {
      withStore(project, (store) => {
        const [name, part] = meant(store, first, second);
        const shown = shownPart({ store, study: findStudy(store, name), part });
        if (json) printJson(shown);
        else printFitted(shownText(shown, textOptions()));
      });
    });
}

/** With one study in the store, `show 3` is that study's iteration 3. */
function meant(store: Store, first?: string, second?: string): [study: string | undefined, part: string | undefined] {
  const onlyPart = first !== undefined && second === undefined && store.study(first) === undefined;
  const isPart = onlyPart && /^(\d+|baseline|(baseline|iteration|validation)-[\d-]+)$/.test(first);
  return isPart && store.studies().length === 1 ? [undefined, first] : [first, second];
}
