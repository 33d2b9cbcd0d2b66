import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cancel, select, text } from '@clack/prompts';
import { CommanderError } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { type InitAnswers, initDefaults, launcherChoices } from './config.ts';

/** Asks for what the command line left open. */
export async function askInit(given: Partial<InitAnswers>, folderName: string): Promise<InitAnswers> {
  const name = given.name ?? (await askText('Name of the study', folderName, nameProblem));
  const trainer =
    given.trainer ??
    (await answered<InitAnswers['trainer']>(
      select<InitAnswers['trainer']>({
        message: 'Which trainer?',
        options: [
          { value: 'embedded', label: 'the trainer that comes with autopilot' },
          { value: 'command', label: 'my own program', hint: 'PyTorch, Keras, anything' },
          { value: 'simulated', label: 'none: simulated', hint: 'to try guidelines' },
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
  const rule = given.rule ?? (await askRule());
  const launcher = given.launcher ?? (await askLauncher());
  return {
    name,
    trainer,
    command,
    data,
    workers,
    epochs,
    initialLr,
    rule,
    launcher,
  };
}

async function askData(): Promise<string | null> {
  const folder = await askText('Folder of slices from "autopilot prep" (empty: a generated phantom)', '', dataProblem);
  return folder === '' ? null : folder;
}

function askRule(): Promise<InitAnswers['rule']> {
  return answered<InitAnswers['rule']>(
    select<InitAnswers['rule']>({
      message: 'When is a setting good enough?',
      initialValue: initDefaults.rule,
      options: [
        {
          value: 'nonInferiority',
          label: 'when repeated runs show no loss beyond a margin',
          hint: 'certain, more runs',
        },
        { value: 'thesis', label: 'when a run and its repeat reach the baseline', hint: 'as published, few runs' },
      ],
    }),
  );
}

function askLauncher(): Promise<InitAnswers['launcher']> {
  const words: Record<InitAnswers['launcher'], string> = {
    local: 'this machine plays all of them in one process',
    mpi: 'mpirun, one process each',
    slurm: 'Slurm jobs',
    gridEngine: 'Grid Engine jobs',
    pbs: 'PBS jobs',
    lsf: 'LSF jobs',
    htcondor: 'HTCondor jobs',
    flux: 'Flux jobs',
    oar: 'OAR jobs',
  };
  return answered<InitAnswers['launcher']>(
    select<InitAnswers['launcher']>({
      message: 'How are workers started?',
      initialValue: initDefaults.launcher,
      options: launcherChoices.map((value) => ({ value, label: words[value] })),
    }),
  );
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

/** Splits a typed command line into words at blanks, except within quotes. */
export function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}

/** Why a folder cannot be trained on; undefined if it can. */
export function dataProblem(folder: string): string | undefined {
  if (folder === '' || existsSync(join(folder, 'manifest.json'))) return undefined;
  if (!existsSync(folder)) return `${folder} does not exist.`;
  return `${folder} has no manifest.json: name a folder made by "autopilot prep", which makes slices of scans.`;
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
