import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { openStore } from '../../db/index.ts';
import { repairStore } from '../../src/engine/repair/repair-store.ts';
import { productCommand } from './program.ts';
import { eventsOf } from './tiny-run.ts';

export const disturbedTrainers = ['simulated', 'embedded'] as const;
export type DisturbedTrainer = (typeof disturbedTrainers)[number];

const studies: Record<DisturbedTrainer, Record<string, unknown>> = {
  simulated: {
    trainer: { kind: 'simulated', noise: 0.01 },
    ...{ workers: 18, epochs: 4, baseline: { seeds: 2 }, budget: { iterations: 1 } },
    setting: { initialLr: 0.5, warmupEpochs: 1, decayEpochs: 1 },
  },
  embedded: {
    trainer: { kind: 'embedded' },
    ...{ workers: 2, epochs: 4, budget: { iterations: 1 }, divergence: { zeroEpochs: 1000 } },
    data: { kind: 'phantom', size: 8, trainSlices: 16, testSlices: 4 },
    model: { architecture: 'fcn', channels: 4, groups: 2 },
    setting: { initialLr: 0.05, warmupEpochs: 1, decayEpochs: 2 },
    baseline: { runs: [{ dice: 0.999, meanAccuracy: 0.999, meanIoU: 0.999 }] },
  },
};

/** The name of every disturbed study. */
export const disturbed = 'disturbed';

/** A short study in its own folder. `epochMs`: duration of a simulated epoch, so that faults can hit it. */
export function disturbedProject(trainer: DisturbedTrainer, { epochMs = 0 } = {}): string {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'disturbed-')));
  const study: Record<string, unknown> = {
    name: disturbed,
    checkpoints: { everyEpochs: 1 },
    attempts: 50,
    ...studies[trainer],
  };
  if (trainer === 'simulated') study.trainer = { ...(study.trainer as object), epochMs };
  else if (epochMs > 0) study.epochs = 16;
  writeFileSync(join(project, 'study.yaml'), stringify(study));
  return project;
}

export interface Ended {
  exitCode: number | null;
  signal: string | null;
  output: string;
}

/** Starts the command line in a project. `ended` never rejects; the process is killed after two minutes. */
export function autopilotIn(project: string, words: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const [executable = '', ...parameters] = [...productCommand('cli/main'), ...words, '--project', project];
  const child = spawn(executable, parameters, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const late = setTimeout(() => child.kill('SIGKILL'), 120_000);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (exitCode, signal) => {
      clearTimeout(late);
      resolve({ exitCode, signal, output });
    });
  });
  return { child, ended };
}

/** The words that start or resume the study. */
export function startWords(project: string, resumed: boolean): string[] {
  return resumed ? ['resume', disturbed] : ['run', join(project, 'study.yaml')];
}

/** Everything the study found, except what differs between undisturbed studies: times and random names. */
export function findingsIn(project: string): unknown {
  const store = openStore({ path: join(project, 'autopilot.db'), readOnly: true, whole: true });
  try {
    const runs = store.runsOf(disturbed);
    const told = store
      .eventsOf(disturbed)
      .filter(({ event: { type } }) => /^(run\.finished|decision\.|iteration\.|study\.ended)/.test(type));
    return {
      outcome: store.study(disturbed)?.outcome,
      iterations: store.iterationsOf(disturbed).map(({ createdMs: _, ...iteration }) => iteration),
      decisions: store.decisionsOf(disturbed).map(({ eventSequence: _, timeMs: __, ...decision }) => decision),
      told: told.map(({ event }) => [event.type, 'key' in event ? event.key : null]).sort(),
      runs: runs.map(({ id, key, seed, state, metrics, setting }) => ({
        ...{ key, seed, state, metrics, setting },
        epochs: store.epochsOf(id).map(({ epoch, loss, lr, metrics: measured }) => ({ epoch, loss, lr, measured })),
        finished: store.attemptsOf(id).filter(({ exitReason }) => exitReason === 'finished').length,
        weights: [...new Set(finishedIn(project, id))],
      })),
      folders: readdirSync(join(project, 'runs')).length,
    };
  } finally {
    store.close();
  }
}

/** The hashes of the final weights, one for each time that a trainer reported that it had finished. */
function finishedIn(project: string, runId: string): string[] {
  const folder = join(project, 'runs', runId);
  // A run whose result was given in the config has no folder.
  if (!existsSync(folder)) return [];
  return eventsOf(folder)
    .filter(({ type }) => type === 'finished')
    .map(({ weightsHash = '' }) => weightsHash);
}

/** The same, from a store that is rebuilt from its journal and its runs alone. */
export function findingsOfJournal(project: string): unknown {
  const copy = mkdtempSync(join(tmpdir(), 'of-journal-'));
  try {
    cpSync(project, copy, { recursive: true });
    const file = join(copy, 'autopilot.db');
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${end}`, { force: true });
    const { lost } = repairStore({ project: copy, file, config: null, dryRun: false });
    return lost.length > 0 ? { lost } : findingsIn(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Words that no user should read: an internal error, a stack, a missing value. */
export function oddWords(output: string): string | null {
  return /.*(This was not expected|^ {4}at |\bundefined\b|\[object).*/m.exec(output)?.[0] ?? null;
}

export function textOf(path: string): string {
  return readFileSync(path, 'utf8');
}
