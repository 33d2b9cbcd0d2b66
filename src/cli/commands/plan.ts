import { Command } from 'commander';
import { loadStudyConfig } from '../../config/load.ts';

export function command(): Command {
  return new Command('plan')
    .argument('[config]', 'the study config, or a folder with a study.yaml', '.')
    .option('--json', 'print JSON')
    .action((path: string) => {
      const { config } = loadStudyConfig(path);
      process.stdout.write(`${JSON.stringify(config, null, 2)}\n`);
    });
}
