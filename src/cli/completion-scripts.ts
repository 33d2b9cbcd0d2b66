import type { Command } from 'commander';
import type { CommandTable } from './command-entry.ts';

/** A command as the shells complete it: its subcommands, and its options with their descriptions. */
interface Completed {
  words: string[];
  summary: string;
  options: { long: string; description: string }[];
  children: Completed[];
}

const everywhere = [
  { long: '--no-color', description: 'without colours' },
  { long: '--help', description: 'print its help' },
];

/** Generators of the completion scripts, keyed by shell. */
export const completionScripts: Readonly<Record<string, (table: CommandTable) => Promise<string>>> = {
  bash: async (table) => bash(await completed(table)),
  zsh: async (table) => `autoload -Uz compinit bashcompinit
(( $+functions[compdef] )) || compinit
bashcompinit
${bash(await completed(table))}`,
  fish: async (table) => fish(await completed(table)),
};

async function completed(table: CommandTable): Promise<Completed[]> {
  return Promise.all(
    Object.entries(table).map(async ([name, { load, summary }]) =>
      describe([name], summary, (await load()).command(table)),
    ),
  );
}

function describe(words: string[], summary: string, { options, commands }: Command): Completed {
  const own = options.flatMap(({ long, description }) => (typeof long === 'string' ? [{ long, description }] : []));
  const children = commands.map((child) => describe([...words, child.name()], child.description(), child));
  return { words, summary, options: [...own, ...everywhere], children };
}

/** Completes the first word with the commands, later ones with a command's subcommands and options. */
function bash(commands: readonly Completed[]): string {
  return `_autopilot() {
  local current=\${COMP_WORDS[COMP_CWORD]-} found=''
  case "\${COMP_CWORD} \${COMP_WORDS[1]-} \${COMP_WORDS[2]-}" in
    1\\ *) found='${commands.flatMap(({ words }) => words).join(' ')} --help --version' ;;
${commands.flatMap(casesOf).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$found" -- "$current"))
}
complete -o default -F _autopilot autopilot grescale-autopilot`;
}

/** A command's `case` patterns, of which bash takes the first match: its second word, after a subcommand, the rest. */
function casesOf({ words: [name], options, children }: Completed): string[] {
  const longs = (each: Pick<Completed, 'options'>) => each.options.map(({ long }) => long).join(' ');
  const own = [...children.map(({ words }) => words.at(-1)), longs({ options })].join(' ');
  const inner = children.map((child) => `    *\\ ${child.words.join('\\ ')}) found='${longs(child)}' ;;`);
  const second = children.length > 0 ? [`    2\\ ${name}\\ *) found='${own}' ;;`] : [];
  return [...second, ...inner, `    *\\ ${name}\\ *) found='${own}' ;;`];
}

function fish(commands: readonly Completed[]): string {
  return `function __autopilot_at
  set -l given (commandline -opc)
  test "$given[2..]" = "$argv"
end
function __autopilot_in
  set -l given (commandline -opc)
  string match -q -- "$argv *" "$given[2..] "
end
complete -c grescale-autopilot -w autopilot
${commands.flatMap((command) => fishLines(command, '')).join('\n')}`;
}

function fishLines({ words, summary, options, children }: Completed, parent: string): string[] {
  const at = `complete -c autopilot -n '__autopilot_at${parent}' -a ${words.at(-1)} -d ${quoted(summary)}`;
  const inside = options.map(
    ({ long, description }) =>
      `complete -c autopilot -n '__autopilot_in ${words.join(' ')}' -l ${long.slice(2)} -d ${quoted(description)}`,
  );
  return [at, ...inside, ...children.flatMap((child) => fishLines(child, ` ${words.join(' ')}`))];
}

/** Quotes text for fish, in whose single quotes only \ and ' are special. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
