import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { AutopilotError } from '../domain/errors.ts';
import { nearest } from '../domain/nearest.ts';
import { packageVersion } from '../protocol/package-version.ts';
import type { CommandTable } from './command-entry.ts';
import { commandTable } from './command-table.ts';
import { lookUpwards } from './project-option.ts';
import { terminalWidth } from './terminal-width.ts';

/** What autopilot does, for its help and its manual page. */
export const about =
  'Drives distributed CNN training through a published guideline until it is as accurate as one worker, or says honestly that it is not.';

/** Also in docs/platforms.md. */
const notOnWindows =
  'autopilot does not run natively on Windows: it finds processes through /proc or ps and stops them with signals. Run it in WSL 2 (wsl --install), where it runs as on Linux.';

/**
 * Runs one command line (without `node` and the script). Only the named command's file is loaded.
 * Throws what the command throws, and a CommanderError for `--help` and for a wrong command line.
 */
export async function runProgram(
  argv: readonly string[],
  table: CommandTable = commandTable,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  // picocolors reads this flag itself, as it does NO_COLOR.
  const typed = argv.filter((word) => word !== '--no-color');
  const words = typed[0] === '--verbose' ? typed.slice(1) : typed;
  const [first] = words;
  const help = first === 'help' && words[1] !== undefined;
  const name = help ? words[1] : first;
  if (name !== undefined && !name.startsWith('-') && name !== 'help') {
    const entry = Object.hasOwn(table, name) ? table[name] : undefined;
    if (entry === undefined) throw unknownCommand(name, Object.keys(table));
    if (platform === 'win32' && !help) throw new AutopilotError('usage.platform', notOnWindows);
    const command = (await entry.load()).command(table);
    if (command.description() === '') command.description(entry.summary);
    prepare(command.name(`autopilot ${name}`));
    showExamples(command, name, entry.examples ?? []);
    await command.parseAsync(help ? ['--help'] : words.slice(1), { from: 'user' });
    return;
  }
  const program = overview(table);
  if (first === undefined || first === 'help') program.help();
  await program.parseAsync(words, { from: 'user' });
}

function overview(table: CommandTable): Command {
  const program = prepare(new Command('autopilot'))
    .usage('<command> [options]')
    .description(about)
    .version(packageVersion(), '-V, --version', 'print the version');
  const width = Math.max(...Object.keys(table).map((name) => name.length));
  const help = program.createHelp();
  help.prepareContext({ helpWidth: helpWidth() });
  const lines = Object.entries(table).map(([name, { summary }]) => help.formatItem(name, width, summary, help));
  program.addHelpText('after', `\nCommands:\n${lines.join('\n')}\n\n${help.boxWrap(hints, helpWidth())}`);
  return program.action(() => program.help());
}

const hints = `autopilot <command> --help says more, with examples. --no-color and NO_COLOR=1 print without colours.
Exit codes: 0 ok, 1 error, 2 wrong command line,
3 the study ended without "no loss", 130 interrupted.`;

function helpWidth(): number {
  return terminalWidth() ?? 80;
}

/** Makes a command throw instead of exiting, and accept `--verbose`. */
function prepare(command: Command): Command {
  command
    .exitOverride()
    .configureOutput({ writeErr: () => {}, getOutHelpWidth: helpWidth })
    .configureHelp({ minWidthToWrap: 10 })
    .helpOption('-h, --help', 'print this help');
  command.showHelpAfterError(false).showSuggestionAfterError(true);
  command.option('--verbose', 'show where an error happened');
  command.hook('preAction', (_, called) => {
    refuseEmpty(called);
    lookUpwards(called);
  });
  if (command.commands.length > 0) command.helpCommand('help [command]', 'Prints the help of a command.');
  for (const child of command.commands) prepare(child);
  return command;
}

/** Refuses empty values: they come from unset variables in scripts, and are no path, host, name or token. */
function refuseEmpty(command: Command): void {
  const given: [name: string, value: unknown][] = [
    ...command.registeredArguments.map((argument, index): [string, unknown] => [
      `<${argument.name()}>`,
      command.args[index],
    ]),
    ...command.options.map((option): [string, unknown] => [
      option.flags,
      command.getOptionValue(option.attributeName()),
    ]),
  ];
  for (const [name, value] of given) {
    if ([value].flat().some((each) => typeof each === 'string' && each.trim() === '')) {
      throw new InvalidArgumentError(`${name} is empty. Is the variable that it comes from set?`);
    }
  }
}

/** Each command shows the examples that begin with its words. */
function showExamples(command: Command, words: string, examples: readonly string[]): void {
  const own = examples.filter((each) => `${each} `.startsWith(`${words} `));
  if (own.length > 0) command.addHelpText('after', examplesText(own));
  for (const child of command.commands) showExamples(child, `${words} ${child.name()}`, own);
}

function examplesText(examples: readonly string[]): string {
  return `\n${examples.length > 1 ? 'Examples' : 'Example'}:\n${examples.map((each) => `  autopilot ${each}`).join('\n')}`;
}

function unknownCommand(name: string, known: readonly string[]): Error {
  const similar = nearest(name, known);
  const fix = similar === null ? `Commands: ${known.join(', ')}.` : `Did you mean "${similar}"?`;
  return new AutopilotError('usage.unknownCommand', `Unknown command "${name}". ${fix}`);
}

/** Whether commander threw after printing help or the version (exit code 0), so that there is nothing to report. */
export function isQuietExit(thrown: unknown): boolean {
  return thrown instanceof CommanderError && thrown.exitCode === 0;
}
