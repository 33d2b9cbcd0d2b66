import { Argument, Command } from 'commander';
import type { CommandTable } from '../command-entry.ts';
import { printText } from '../output.ts';

export function command(table: CommandTable): Command {
  return new Command('completion')
    .description('Prints a script that completes commands and options: eval "$(autopilot completion bash)"')
    .addArgument(new Argument('<shell>', 'the shell that completes').choices(['bash']))
    .action(async () => printText(await bashScript(table)));
}

/** Words by what stands before: the commands, then each command's own commands and options. */
async function bashScript(table: CommandTable): Promise<string> {
  const entries = Object.entries(table);
  const cases = await Promise.all(
    entries.map(async ([name, { load }]) => casesOf(name, (await load()).command(table))),
  );
  return `_autopilot() {
  local current=\${COMP_WORDS[COMP_CWORD]} words
  case "\${COMP_CWORD} \${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
    1\\ *) words='${entries.map(([name]) => name).join(' ')} --help --version' ;;
${cases.flat().join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _autopilot autopilot grescale-autopilot`;
}

/** The patterns of a command; bash takes the first that fits: its second word, what follows its own commands, the rest. */
function casesOf(name: string, command: Command): string[] {
  const { commands } = command;
  const own = [...commands.map((child) => child.name()), wordsOf(command)].join(' ');
  const inner = commands.map((child) => `    *\\ ${name}\\ ${child.name()}) words='${wordsOf(child)}' ;;`);
  return [`    2\\ ${name}\\ *) words='${own}' ;;`, ...inner, `    *\\ ${name}\\ *) words='${own}' ;;`];
}

function wordsOf({ options }: Command): string {
  return [...options.flatMap(({ long }) => long ?? []), '--help'].join(' ');
}
