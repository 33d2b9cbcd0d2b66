import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { commandTable } from '../../src/cli/command-table.ts';
import { nodeCheck } from '../../src/cli/doctor/machine.ts';
import { failureOf } from '../../src/cli/failure.ts';
import { words } from '../../src/cli/init/questions.ts';
import { manPage } from '../../src/cli/man-page.ts';
import { about, runProgram } from '../../src/cli/program.ts';
import { AutopilotError } from '../../src/domain/errors.ts';
import { nearest } from '../../src/domain/nearest.ts';

/** What can be run of a command: itself, or its own commands. */
function leavesOf(command: Command, words: string): [words: string, leaf: Command][] {
  const own: [string, Command][] =
    command.commands.length === 0 || command.registeredArguments.length > 0 ? [[words, command]] : [];
  return [...own, ...command.commands.flatMap((child) => leavesOf(child, `${words} ${child.name()}`))];
}

describe('the command table', () => {
  it.each(Object.entries(commandTable))(
    '%s loads, and has help with its options explained',
    async (name, { load, summary, examples = [] }) => {
      const command = (await load()).command(commandTable);
      expect(command).toBeInstanceOf(Command);
      expect(summary).toMatch(/^[a-z].{10,79}$/);
      for (const option of command.options) expect(option.description, option.flags).not.toBe('');
      expect(examples.filter((each) => each.split(' ')[0] === name)).not.toEqual([]);
      for (const [words, leaf] of leavesOf(command, name)) {
        expect(leaf.description(), words).toMatch(/^[A-Z].+\.$/);
        expect(leaf.options.map(({ long }) => long).includes('--json'), `${words} --json`).toBe(true);
        expect(examples.filter((each) => `${each} `.startsWith(`${words} `)).length, words).toBeGreaterThan(0);
      }
    },
  );

  it('makes a manual page that man takes, which has every command and option', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'man-')), 'autopilot.1');
    writeFileSync(file, await manPage(commandTable, about));
    const page = readFileSync(file, 'utf8');
    for (const [name, { load }] of Object.entries(commandTable))
      for (const [words, leaf] of leavesOf((await load()).command(commandTable), name)) {
        expect(page).toContain(`.SS autopilot ${words.replaceAll('-', '\\-')}\n`);
        for (const { flags } of leaf.options) expect(page).toContain(`.B ${flags.replaceAll('-', '\\-')}\n`);
      }
    const { status, stdout, stderr } = spawnSync('man', ['--warnings', '-l', file], { encoding: 'utf8' });
    if (status !== null) expect([stderr, stdout.includes('EXIT STATUS')]).toEqual(['', true]);
  });

  it('shows of a command its own examples', async () => {
    let said = '';
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
    await runProgram(['models', 'pull', '--help']).catch(() => {});
    write.mockRestore();
    expect(said).toMatch(/Example:\n {2}autopilot models pull brain-unet [^\n]*\n$/);
  });

  it('loads only the command that is named', async () => {
    const loaded: string[] = [];
    const entry = (name: string) => ({
      summary: name,
      load: async () => {
        loaded.push(name);
        return { command: () => new Command(name).argument('[x]').action(() => {}) };
      },
    });
    await runProgram(['b', 'x'], { a: entry('a'), b: entry('b') });
    expect(loaded).toEqual(['b']);
  });
});

it('refuses Windows with the sentence that docs/platforms.md has', async () => {
  const page = readFileSync(new URL('../../docs/platforms.md', import.meta.url), 'utf8');
  const refused = runProgram(['doctor'], commandTable, 'win32').catch((error: Error) => error.message);
  expect(page).toContain(`> ${await refused}`);
});

it.each<[argv: string[], message: string]>([
  [['scale', '--workers', '2,1e9'], 'from 2 to 100000'],
  [['scale', '--workers', '2,,4'], 'from 2 to 100000'],
  [['scale', '--hours', '1e300'], 'above 0, up to 1000000000'],
  [['compare', '--seeds', '1e9'], 'from 1 to 1000'],
  [['doctor', '--workers', '1e12'], 'from 1 to 100000'],
  [['init', '--epochs', '1e9'], 'from 1 to 100000'],
  [['init', '--initial-lr', '1e308'], 'above 0, up to 10000'],
  [['prep', '--workers', '0x1p9'], 'from 1 to 1000'],
  [['schedule', '--epochs', '1e9'], 'from 1 to 100000'],
  [
    ['schedule', '--workers', '2', '--epochs', '99999', '--initial-lr', '1', '--csv', '--steps-per-epoch', '999'],
    'at most 10000000 are printed',
  ],
])('refuses nonsense in %j with its bounds', async (argv, message) => {
  await expect(runProgram(argv)).rejects.toThrow(message);
});

describe('an empty value', () => {
  it.each<[argv: string[], message: string]>([
    [['dashboard', '--token', ''], '--token <text> is empty. Is the variable that it comes from set'],
    [['dashboard', '--host', ' '], '--host <address> is empty'],
    [['history', '--project', ''], '--project <folder> is empty'],
    [['run', ''], '<config> is empty'],
  ])('is not taken for one: %j', async (argv, message) => {
    await expect(runProgram(argv)).rejects.toThrow(message);
  });
});

describe('the project that AUTOPILOT_PROJECT names', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each<[argv: string[], value: string, message: string]>([
    [['history'], '/nowhere/at-all', '/nowhere/at-all'],
    [['history', '--project', '/nowhere/else'], '/nowhere/at-all', '/nowhere/else'],
    [['history'], '', '--project <folder> is empty'],
  ])('is read as --project is, which wins: %j', async (argv, value, message) => {
    vi.stubEnv('AUTOPILOT_PROJECT', value);
    await expect(runProgram(argv)).rejects.toThrow(message);
  });
});

describe('a failure', () => {
  const silent = { json: false, verbose: false };

  it('that was foreseen is its message and exit code 1', () => {
    expect(failureOf(new AutopilotError('x.y', 'Do this.'), silent)).toEqual({ text: 'Do this.', exitCode: 1 });
  });

  it('of the command line is exit code 2', () => {
    expect(failureOf(new AutopilotError('usage.unknownCommand', 'No.'), silent).exitCode).toBe(2);
  });

  it('that was not foreseen says how to see more', () => {
    expect(failureOf(new TypeError('x is not a function'), silent).text).toMatch(/x is not a function\n.*--verbose/);
  });

  it('shows its stack and its causes with --verbose', () => {
    const { text } = failureOf(new Error('outer', { cause: new Error('inner') }), { json: false, verbose: true });
    expect(text).toMatch(/outer[\s\S]*at [\s\S]*Caused by: Error: inner/);
  });

  it('is JSON with its code when JSON was asked for', () => {
    const { text } = failureOf(new AutopilotError('config.invalid', 'No.'), { json: true, verbose: false });
    expect(JSON.parse(text)).toEqual({ error: { code: 'config.invalid', message: 'No.' } });
  });
});

describe('the nearest name', () => {
  const known = ['history', 'show', 'init', 'doctor', 'plan'];
  it.each([
    ['histroy', 'history'],
    ['hist', 'history'],
    ['docter', 'doctor'],
    ['PLAN', 'plan'],
    ['xyz', null],
    ['', null],
  ])('to "%s" is %s', (typed, expected) => expect(nearest(typed, known)).toBe(expected));
});

describe('doctor', () => {
  it.each([
    ['20.19.0', 'ok'],
    ['22.1.0', 'ok'],
    ['20.18.3', 'broken'],
    ['18.20.0', 'broken'],
  ])('finds Node %s %s', (version, state) => expect(nodeCheck(version).state).toBe(state));
});

describe('a typed command line', () => {
  it('is divided at blanks, and quotes keep together', () => {
    expect(words(`python3 'my train.py' --lr "0.1 x"  y`)).toEqual(['python3', 'my train.py', '--lr', '0.1 x', 'y']);
  });
});
