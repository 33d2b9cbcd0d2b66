import { Argument, Command } from 'commander';
import type { CommandTable } from '../command-entry.ts';
import { completionScripts } from '../completion-scripts.ts';
import { printJson, printText } from '../output.ts';

export function command(table: CommandTable): Command {
  return new Command('completion')
    .description('Prints a completion script for commands and options.')
    .addArgument(new Argument('<shell>', 'the shell it is for').choices(Object.keys(completionScripts)))
    .option('--json', 'print JSON')
    .action(async (shell: string, { json }: { json?: true }) => {
      const script = (await completionScripts[shell]?.(table)) ?? '';
      if (json) printJson({ shell, script });
      else printText(script);
    });
}
