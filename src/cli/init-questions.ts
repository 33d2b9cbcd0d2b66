import { cancel, select, text } from '@clack/prompts';
import { CommanderError } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { type InitAnswers, initDefaults } from './init-config.ts';

/** Asks for what the command line did not say. */
export async function askInit(given: Partial<InitAnswers>, folderName: string): Promise<InitAnswers> {
  const name = given.name ?? (await askText('Name of the study', folderName, nameProblem));
  const trainer =
    given.trainer ??
    (await answered<InitAnswers['trainer']>(
      select<InitAnswers['trainer']>({
        message: 'Who trains?',
        options: [
          { value: 'embedded', label: 'the trainer that comes with autopilot' },
          { value: 'command', label: 'my own program', hint: 'PyTorch, Keras, anything' },
          { value: 'simulated', label: 'nobody: simulate', hint: 'to try guidelines' },
        ],
      }),
    ));
  const command =
    given.command ?? (trainer === 'command' ? words(await askText('Its command line', 'python3 train.py')) : []);
  const data = given.data !== undefined || trainer !== 'embedded' ? (given.data ?? null) : await askData();
  const workers = given.workers ?? Number(await askText('Workers', String(initDefaults.workers), wholeProblem));
  const epochs = given.epochs ?? Number(await askText('Epochs of a run', String(initDefaults.epochs), wholeProblem));
  const initialLr =
    given.initialLr ??
    Number(await askText("One worker's own well-tuned rate", String(initDefaults.initialLr), rateProblem));
  return {
    name,
    trainer,
    command,
    data,
    workers,
    epochs,
    initialLr,
    launcher: given.launcher ?? initDefaults.launcher,
  };
}

async function askData(): Promise<string | null> {
  const folder = await askText('Folder of slices (empty: a generated phantom)', '');
  return folder === '' ? null : folder;
}

async function askText(
  message: string,
  initialValue: string,
  problem?: (value: string) => string | undefined,
): Promise<string> {
  const validate = problem && ((value: string | undefined) => problem(value ?? ''));
  return answered(text({ message, initialValue, ...(validate ? { validate } : {}) }));
}

/** Ctrl-C in a question ends the command. */
async function answered<Value extends string>(question: Promise<Value | symbol>): Promise<Value> {
  const answer = await question;
  if (typeof answer === 'string') return answer;
  cancel('Nothing was written.');
  throw new CommanderError(exitCodes.interrupted, 'interrupted', 'interrupted');
}

/** Words of a typed command line: blanks divide, quotes keep together. */
export function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}

function nameProblem(value: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(value) ? undefined : 'Letters, digits, "-" and "_".';
}

function wholeProblem(value: string): string | undefined {
  return /^[1-9]\d*$/.test(value.trim()) ? undefined : 'A whole number from 1.';
}

function rateProblem(value: string): string | undefined {
  return Number(value) > 0 ? undefined : 'A number above 0.';
}
