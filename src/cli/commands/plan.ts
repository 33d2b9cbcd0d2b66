import { Command } from 'commander';
import { loadStudyConfig } from '../../config/load.ts';
import { readConfigSource } from '../../config/source.ts';
import { checkComponents } from '../../engine/study/check-components.ts';
import { composeStudy } from '../../report/composed-study.ts';
import { composedStudyText } from '../../report/composed-study-text.ts';
import { printJson, printText, textOptions } from '../output.ts';

export function command(): Command {
  return new Command('plan')
    .description(
      'Shows the study a config composes: schedule, guideline, decision rule, cost, and where each value comes from.',
    )
    .argument('[config]', 'the study config, or a folder with a study.yaml', '.')
    .option('--json', 'print JSON')
    .action(async (path: string, { json }: { json?: true }) => {
      const { config, path: file } = loadStudyConfig(path);
      await checkComponents(config);
      const composed = composeStudy(config, readConfigSource(file).value);
      if (json) printJson(composed);
      else printText(composedStudyText(composed, textOptions()));
    });
}
