import { Command } from 'commander';
import { loadStudyConfig } from '../../../config/load.ts';
import { guidelineKind } from '../../../engine/plans/guideline-kind.ts';
import { checkComponents } from '../../../engine/study/check-components.ts';
import { composeStudy } from '../../../report/composed-study/composed-study.ts';
import { epochSeconds } from '../../../report/composed-study/study-price.ts';
import { composedStudyText } from '../../../report/composed-study/text.ts';
import { plannedLearning } from '../../../report/scaling/learning-advice.ts';
import { printFitted, printJson, textOptions } from '../../output.ts';
import { withStoreIfAny } from '../../project.ts';
import { projectOption } from '../../project-option.ts';
import { freshOption, knownIn } from '../../study/known-trainings.ts';

interface Options {
  project: string;
  json?: true;
  load?: true;
  fresh?: true;
}

export function command(): Command {
  return new Command('plan')
    .description(
      'Shows the study a config describes: schedule, guideline, decision rule, cost, and where each value comes from.',
    )
    .argument('[config]', 'the study config, a folder with a study.yaml, or - for standard input', '.')
    .addOption(projectOption())
    .addOption(freshOption())
    .option('--json', 'print JSON')
    .option('--load', 'also load the modules that it names, which runs their code, and check them')
    .action(async (path: string, { project, json, load, fresh }: Options) => {
      const { config, value } = loadStudyConfig(path);
      if (load) await checkComponents(config);
      const seconds = withStoreIfAny(project, (store) => epochSeconds(config, store));
      const known = knownIn(project, guidelineKind, { config, fresh });
      const learning = withStoreIfAny(project, (store) => (store === null ? null : plannedLearning(config, store)));
      const composed = { ...composeStudy(config, value, { seconds, storedBaseline: known.baseline }), known, learning };
      if (json) printJson(composed);
      else printFitted(composedStudyText(composed, textOptions()));
    });
}
