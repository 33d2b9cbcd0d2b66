import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { openStore, type Store } from '../../../../db/index.ts';
import { actionStatistics } from '../../../report/statistics/action-statistics.ts';
import { actionStatisticsText } from '../../../report/statistics/action-statistics-text.ts';
import { printFitted, printJson, textOptions } from '../../output.ts';
import { storeFileName } from '../../project-option.ts';

export function command(): Command {
  return new Command('stats')
    .description(
      'Shows, over all studies, how often each action was tried, did better or worse than its starting point and led to the goal, and what it cost.',
    )
    .argument('[projects...]', 'project folders (default: this one)')
    .option('--json', 'print JSON')
    .action((projects: string[], { json }: { json?: true }) => {
      const stores: Store[] = [];
      try {
        const folders = [...new Set((projects.length === 0 ? ['.'] : projects).map((folder) => resolve(folder)))];
        for (const folder of folders) stores.push(openStore({ path: join(folder, storeFileName), readOnly: true }));
        const all = stores.flatMap((store) => store.studies().map((study) => ({ store, study })));
        const statistics = actionStatistics(all);
        if (json) printJson(statistics);
        else printFitted(actionStatisticsText(statistics, textOptions()));
      } finally {
        for (const store of stores) store.close();
      }
    });
}
