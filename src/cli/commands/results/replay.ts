import { Command, InvalidArgumentError } from 'commander';
import { count } from '../../../domain/text/format.ts';
import { readGuideline, readReplayTable } from '../../../report/replay/file.ts';
import { type Replay, replay } from '../../../report/replay/replay.ts';
import { textTable } from '../../../report/tables/text-table.ts';
import { printFitted, printJson, textOptions } from '../../output.ts';

interface Options {
  json?: boolean;
  tolerance: number;
  guideline: string;
}

/** `autopilot replay FILE`: exit code 0 only when every row agrees. */
export function command(): Command {
  return new Command('replay')
    .description("Runs a table of iterations through the guideline and compares every action with the table's.")
    .argument('<file>', 'the table as JSON or YAML')
    .option('--tolerance <fraction>', 'of the thesis rule', fraction, 0.002)
    .option('--guideline <name|file>', 'a shipped guideline, or a file with one', 'thesis')
    .option('--json', 'print JSON')
    .action((file: string, options: Options) => {
      const table = readReplayTable(file);
      const result = replay({ table, guideline: readGuideline(options.guideline), tolerance: options.tolerance });
      const { title, note, workers } = table;
      if (options.json) printJson({ file, title, note, workers, ...result });
      else printFitted(replayText(title ?? file, note, result));
      process.exitCode = result.agrees ? 0 : 1;
    });
}

function replayText(title: string, note: string | undefined, { rows, agrees, outcome, reason }: Replay): string {
  const { width, colors } = textOptions();
  const text = textTable({
    columns: [
      { heading: '', align: 'right' },
      ...['table', '', 'machine'].map((heading) => ({ heading })),
      { heading: 'why', flexible: true },
    ],
    rows: rows.map((row) => [
      String(row.iteration),
      row.table,
      row.agrees ? colors.green('=') : colors.red('≠'),
      row.machine ?? '(ended)',
      row.reason,
    ]),
    width,
    dim: colors.dim,
  });
  const differing = rows.filter((row) => !row.agrees).length;
  const verdict = agrees
    ? colors.green(rows.length === 1 ? 'The row agrees.' : `All ${rows.length} rows agree.`)
    : colors.red(`${differing} of ${count(rows.length, 'row')} ${differing === 1 ? 'differs' : 'differ'}.`);
  const end = `Machine: ${outcome ?? 'continues'}: ${reason}`;
  return [colors.bold(title), ...(note ? [`Note: ${note}`] : []), text, end, verdict].join('\n');
}

function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError(`tolerance is a fraction in 0..1, got "${text}".`);
  }
  return value;
}
