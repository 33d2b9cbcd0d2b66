import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { loadStudyConfig } from '../../../config/load.ts';
import { AutopilotError } from '../../../domain/errors.ts';
import { containerRecipe, type RecipeKind, recipeKinds } from '../../../launcher/deploy/recipe.ts';
import { packageFolder } from '../../../protocol/package-version.ts';
import { printJson, printText } from '../../output.ts';

export function command(): Command {
  return new Command('deploy')
    .description('Prints a container recipe for a study: the program, its parts and what they need.')
    .argument('[config]', 'the study config, or a folder with a study.yaml', '.')
    .addOption(new Option('--recipe <kind>', 'which recipe').choices([...recipeKinds]).makeOptionMandatory())
    .option('--json', 'print JSON')
    .action((path: string, { recipe, json }: { recipe: RecipeKind; json?: true }) => {
      if (path === '-') {
        throw new AutopilotError(
          'usage.standardInput',
          'deploy: a recipe copies the config into an image; name its file.',
        );
      }
      const { config, directory, path: file } = loadStudyConfig(path);
      const node = process.versions.node;
      const text = containerRecipe(recipe, { config, directory, file: basename(file), node, root: packageFolder() });
      if (json) printJson({ study: config.name, recipe, text });
      else printText(text);
    });
}
