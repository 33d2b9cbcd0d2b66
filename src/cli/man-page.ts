import type { Argument, Command } from 'commander';
import { packageVersion } from '../protocol/package-version.ts';
import type { CommandTable } from './command-entry.ts';
import { exitCodeMeanings } from './exit-codes.ts';

/** Environment variables for users; docs/cli.md says more. */
export const environmentVariables: Readonly<Record<string, string>> = {
  AUTOPILOT_PROJECT: 'the project folder where --project is not given',
  COLUMNS: "how many columns to print for, instead of the terminal's width",
  NO_COLOR: 'print without colours',
  FORCE_COLOR: 'print with colours, even into pipes',
  INFLUX_TOKEN: "the token of --influx's endpoint",
  AUTOPILOT_CONTAINER: 'names the container image that training runs in, for reports',
};

/** The manual page of every command in roff (section 1), from the definitions that `--help` prints. */
export async function manPage(table: CommandTable, about: string): Promise<string> {
  const commands = await Promise.all(
    Object.entries(table).map(async ([name, { load, summary, examples = [] }]) => {
      const command = (await load()).command(table).name(name);
      if (command.description() === '') command.description(summary);
      return [...ofCommand(command, ''), ...examplesOf(examples)];
    }),
  );
  const lines = [
    `.TH AUTOPILOT 1 "" "grescale-autopilot ${packageVersion()}" "User commands"`,
    '.SH NAME',
    'autopilot, grescale\\-autopilot \\- trains on many workers as accurately as on one',
    '.SH SYNOPSIS',
    '.B autopilot',
    '.I command',
    '[options]',
    '.SH DESCRIPTION',
    text(about),
    '.SH COMMANDS',
    ...commands.flat(),
    '.SH EXIT STATUS',
    ...definitions(Object.entries(exitCodeMeanings)),
    '.SH ENVIRONMENT',
    ...definitions(Object.entries(environmentVariables)),
    '.SH FILES',
    ...definitions([
      ['study.yaml', 'a study; autopilot init writes one'],
      ['autopilot.db', "a project's store: every run, decision and reason"],
      ['runs/', 'a folder for each run: its events, checkpoints and log'],
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function ofCommand(command: Command, parent: string): string[] {
  const words = `${parent}${command.name()}`;
  const args = command.registeredArguments;
  const options = command.options.filter(({ hidden }) => !hidden);
  return [
    `.SS ${text(`autopilot ${words}`)}`,
    text([`autopilot ${words}`, ...args.map(shown), ...(options.length > 0 ? ['[options]'] : [])].join(' ')),
    '.PP',
    text(sentence(command.description())),
    ...definitions(args.filter(({ description }) => description !== '').map((each) => [shown(each), each.description])),
    ...definitions(options.map(({ flags, description }) => [flags, description])),
    ...command.commands.flatMap((child) => ofCommand(child, `${words} `)),
  ];
}

function shown(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function examplesOf(examples: readonly string[]): string[] {
  return [
    '.PP',
    examples.length > 1 ? 'Examples:' : 'Example:',
    '.PP',
    '.nf',
    '.RS',
    ...examples.map(line),
    '.RE',
    '.fi',
  ];
}

function line(example: string): string {
  return text(`autopilot ${example}`);
}

function definitions(pairs: readonly (readonly [term: string, meaning: string])[]): string[] {
  return pairs.flatMap(([term, meaning]) => ['.TP', `.B ${text(term)}`, text(sentence(meaning))]);
}

function sentence(words: string): string {
  return words === '' || /[.!?]$/.test(words) ? words : `${words}.`;
}

/** Escapes text as one line of roff without requests or escapes, in which a hyphen can be copied as one. */
function text(words: string): string {
  const escaped = words.replace(/\s+/g, ' ').trim().replaceAll('\\', '\\e').replaceAll('-', '\\-');
  return escaped.replace(/^(?=[.'])/, '\\&');
}
