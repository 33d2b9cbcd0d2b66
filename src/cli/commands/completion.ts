import { Argument, Command } from 'commander';
import type { CommandTable } from '../command-entry.ts';
import { completionScripts } from '../completion-scripts.ts';
import { printText } from '../output.ts';

/** `autopilot completion`: what a shell is told to complete commands and options by. */
export function command(table: CommandTable): Command {
  return new Command('completion')
    .description('Prints a script that completes commands and options.')
    .addArgument(new Argument('<shell>', 'the shell that completes').choices(Object.keys(completionScripts)))
    .action(async (shell: string) => printText((await completionScripts[shell]?.(table)) ?? ''));
}
