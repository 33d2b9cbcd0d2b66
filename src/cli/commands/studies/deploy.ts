import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { loadStudyConfig } from '../../../config/load.ts';
import { containerRecipe, type RecipeKind, recipeKinds } from '../../../launcher/deploy/recipe.ts';
import { packageFolder } from '../../../protocol/package-version.ts';
import { printText } from '../../output.ts';

export function command(): Command {
  return new Command('deploy')
    .description('Prints a container recipe for a study: the program, its parts and what they need.')
    .argument('[config]', 'the study config, or a folder with a study.yaml', '.')
    .addOption(new Option('--recipe <kind>', 'which recipe').choices([...recipeKinds]).makeOptionMandatory())
    .action((path: string, { recipe }: { recipe: RecipeKind }) => {
      const { config, directory, path: file } = loadStudyConfig(path);
      const node = process.versions.node;
      printText(containerRecipe(recipe, { config, directory, file: basename(file), node, root: packageFolder() }));
    });
}
