import { existsSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { most } from '../../../config/sections/bounds.ts';
import { configFileName } from '../../../config/source.ts';
import { AutopilotError, messageOf } from '../../../domain/errors.ts';
import { makeFolder } from '../../../protocol/files/make-folder.ts';
import { packageFolder } from '../../../protocol/package-version.ts';
import { type InitAnswers, initConfigText, initDefaults, launcherChoices } from '../../init/config.ts';
import { askInit, dataProblem, words } from '../../init/questions.ts';
import { printJson, printText } from '../../output.ts';
import { wholeNumber } from '../../whole-number.ts';

type Options = Partial<Omit<InitAnswers, 'data'>> & { data?: string; yes?: true; json?: true };

export function command(): Command {
  return new Command('init')
    .description(`Writes a commented ${configFileName}, by asking or from the options. Never overwrites one.`)
    .argument('[folder]', 'where to write it; created if it does not exist', '.')
    .option('-y, --yes', 'ask nothing; use defaults for what the options leave open')
    .option('--name <name>', "the study's name (default: the folder's)", name)
    .addOption(new Option('--trainer <kind>', 'who trains').choices(['embedded', 'command', 'simulated']))
    .option('--command <line>', 'your program and its arguments in one quoted string, for --trainer command', words)
    .option('--workers <k>', 'workers that train together', wholeNumber({ limit: most.workers }))
    .option('--epochs <E>', 'epochs of every run', wholeNumber({ limit: most.epochs }))
    .option('--initial-lr <rate>', "one worker's own well-tuned rate", positive)
    .option('--data <folder>', 'slices for --trainer embedded (default: a generated phantom)', slices)
    .addOption(new Option('--rule <name>', 'when a setting is good enough').choices(['nonInferiority', 'thesis']))
    .addOption(new Option('--launcher <kind>', 'how workers are started').choices(launcherChoices))
    .option('--json', 'print the written path as JSON')
    .action(write);
}

async function write(folder: string, { yes, json, ...options }: Options): Promise<void> {
  const file = join(resolve(folder), configFileName);
  if (existsSync(file)) {
    throw new AutopilotError(
      'init.exists',
      `${file} already exists and was left unchanged. Choose another folder, or move it away.`,
    );
  }
  const given: Partial<InitAnswers> =
    options.command && !options.trainer ? { ...options, trainer: 'command' } : options;
  const answers = yes ? withDefaults(given, folder) : await ask(given, folder);
  // Paths in a config are relative to its folder.
  const data = answers.data && relative(resolve(folder), resolve(answers.data));
  try {
    makeFolder(resolve(folder));
    writeFileSync(file, editorLine(resolve(folder)) + initConfigText({ ...answers, data }), { flag: 'wx' });
  } catch (cause) {
    const fix = "check the folder's permissions, or choose another one";
    throw new AutopilotError('init.cannotWrite', `${file} cannot be written (${messageOf(cause)}); ${fix}.`, { cause });
  }
  if (json) printJson({ written: file });
  else printText(nextSteps(folder));
}

/** A line that lets an editor with a YAML language server complete and check the file. */
function editorLine(folder: string): string {
  const schema = relative(folder, join(packageFolder(), 'schema', 'study.schema.json'));
  return `# yaml-language-server: $schema=${schema.replaceAll('\\', '/')}\n`;
}

function nextSteps(folder: string): string {
  const file = join(resolve(folder), configFileName);
  const near = relative(process.cwd(), file);
  const target = near.startsWith('..') ? file : near;
  return `Wrote ${target}. See what it would do with: autopilot plan ${target}\nStart it with: autopilot run ${target}`;
}

async function ask(given: Partial<InitAnswers>, folder: string): Promise<InitAnswers> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new AutopilotError(
      'usage.notATerminal',
      'There is no terminal to ask in. Add --yes, and options for what should not be the default.',
    );
  }
  return askInit(given, nameFrom(folder));
}

function withDefaults(given: Partial<InitAnswers>, folder: string): InitAnswers {
  const trainer = given.trainer ?? initDefaults.trainer;
  if (trainer === 'command' && given.command === undefined) {
    throw new AutopilotError('usage.noCommand', 'Trainer command needs your program: --command "python3 train.py"');
  }
  return { ...initDefaults, name: nameFrom(folder), data: null, command: [], ...given, trainer };
}

/** The folder's name, turned into a valid study name. */
function nameFrom(folder: string): string {
  return (
    basename(resolve(folder))
      .replace(/[^A-Za-z0-9_-]+/g, '-')
      .replace(/^[-_]+|-+$/g, '') || 'study'
  );
}

function name(value: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(value)) return value;
  throw new InvalidArgumentError('Use letters, digits, "-" and "_", starting with a letter or digit.');
}

function slices(folder: string): string {
  const problem = dataProblem(folder);
  if (problem === undefined) return folder;
  throw new InvalidArgumentError(problem);
}

function positive(value: string): number {
  const number = Number(value);
  if (number > 0 && number <= most.rate) return number;
  throw new InvalidArgumentError(`Give a number above 0, up to ${most.rate}.`);
}
