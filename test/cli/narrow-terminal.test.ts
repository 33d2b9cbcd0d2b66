import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellText } from '../../src/domain/text/shell-text.ts';
import { visibleWidth } from '../../src/report/tables/text-width.ts';
import { projectOfSchema, storedNames, storedSchemas } from '../support/project-of-schema.ts';
import { mainWords, runCli } from './run-cli.ts';

const project = projectOfSchema(storedSchemas.at(-1)!);

/** What commands print in a terminal of so many columns, a text for each. */
function printed(columns: number, commands: readonly (readonly string[])[]): string[] {
  const terminal = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';
  const lines = commands.map((words) => [process.execPath, ...mainWords, ...words].map(shellText).join(' '));
  const shell = [`stty cols ${columns}`, lines.join(' && echo ------ && ')].join(' && ');
  const env = { ...process.env, TERM: 'xterm', COLUMNS: undefined, NO_COLOR: '1' };
  const text = execFileSync('python3', ['-c', terminal, 'sh', '-c', shell], {
    cwd: project,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return text.replaceAll('\r\n', '\n').split('------\n');
}

const widest = (text: string) => Math.max(...text.split('\n').map(visibleWidth));

it('prints what fits the terminal, down to 40 columns, and leaves nothing out', { timeout: 120_000 }, async () => {
  const history = ['history', storedNames.ended, '--last', '2'];
  const commands = [history, ['history'], ['show', storedNames.ended], ['stats'], ['chart'], ['--help']];
  const texts = printed(40, commands);
  expect(texts.map(widest).filter((columns) => columns > 40)).toEqual([]);
  expect(texts).toHaveLength(commands.length);

  const { stdout } = await runCli([...history, '--project', project]);
  const wordsOf = (text: string) => text.split(/[\s\u2500]+/).filter((word) => word !== '');
  const here = new Set(wordsOf(texts[0]!));
  expect([...new Set(wordsOf(stdout))].filter((word) => !here.has(word))).toEqual(['#', 'action', 'changed']);
  const asked = await runCli([...history, '--project', project], { env: { COLUMNS: '60' } });
  expect(widest(asked.stdout)).toBeLessThanOrEqual(60);
});
