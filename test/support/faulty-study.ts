import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { openStore } from '../../db/index.ts';
import { productCommand } from './program.ts';
import { eventsOf } from './tiny-run.ts';

/** Faults: which process is hit, and by which signal. */
export const faults = ['rank killed', 'rank stopped', 'mpirun killed', 'engine killed'] as const;
export type Fault = (typeof faults)[number];

export interface StudyReport {
  exitCode: number | null;
  /** The command line's output, for inspecting failures. */
  output: string;
  /** Run → hash of its final weights. */
  weights: Record<string, string>;
  /** How often a training finished: once per run if nothing is repeated. */
  finished: number;
  /** Number of attempts of all runs. */
  attempts: number;
  seconds: number;
  /** Seconds from the fault to the stored end of the attempt it hit; null if no attempt ended because of it. */
  noticedSeconds: number | null;
  /** Seconds from the fault to the start of the next attempt's processes. */
  restartedSeconds: number | null;
}

/** A study of the embedded trainer on 8 × 8 phantoms with one distributed training, in its own folder. */
export function writeStudy(launcher: Record<string, unknown>, more: Record<string, unknown> = {}): string {
  const project = mkdtempSync(join(tmpdir(), 'faulty-study-'));
  const study = {
    name: 'faulty',
    workers: 2,
    epochs: 40,
    data: { kind: 'phantom', size: 8, trainSlices: 64, testSlices: 8 },
    model: { architecture: 'fcn', channels: 4, groups: 2 },
    setting: { initialLr: 0.05, warmupEpochs: 1, decayEpochs: 2 },
    baseline: { runs: [{ dice: 0.999, meanAccuracy: 0.999, meanIoU: 0.999 }] },
    budget: { iterations: 1 },
    divergence: { zeroEpochs: 1000 },
    checkpoints: { everyEpochs: 1 },
    attempts: 6,
    launcher,
    ...more,
  };
  writeFileSync(join(project, 'study.yaml'), stringify(study));
  return project;
}

/** Runs the study with one fault, `afterMs` milliseconds after the first training process appears, or with none. */
export async function studyWithFault(
  project: string,
  fault: { kind: Fault; afterMs: number } | null,
): Promise<StudyReport> {
  const beganMs = performance.now();
  const first = autopilot(['run', join(project, 'study.yaml'), '--project', project]);
  let faultMs = Number.NaN;
  if (fault !== null) {
    const hit = await victim(project, fault, first.child);
    faultMs = Date.now();
    process.kill(hit, fault.kind === 'rank stopped' ? 'SIGSTOP' : 'SIGKILL');
  }
  let { exitCode, output } = await first.ended;
  if (fault?.kind === 'engine killed') {
    const second = await autopilot(['resume', 'faulty', '--project', project]).ended;
    exitCode = second.exitCode;
    output += second.output;
  }
  const seconds = (performance.now() - beganMs) / 1000;
  return { exitCode, output, ...outcome(project), ...reaction(project, faultMs), seconds };
}

/** How long the engine took to react, according to its store. */
function reaction(project: string, faultMs: number): Pick<StudyReport, 'noticedSeconds' | 'restartedSeconds'> {
  const store = openStore({ path: join(project, 'autopilot.db'), readOnly: true });
  try {
    const runs = readdirSync(join(project, 'runs'));
    const [hit, next] = runs.flatMap((run) => store.attemptsOf(run));
    const since = (timeMs: number | null | undefined) => (timeMs == null ? null : (timeMs - faultMs) / 1000);
    if (next === undefined || Number.isNaN(faultMs)) return { noticedSeconds: null, restartedSeconds: null };
    return { noticedSeconds: since(hit?.endedMs), restartedSeconds: since(next.startedMs) };
  } finally {
    store.close();
  }
}

/** The words that start the command line. */
export function autopilotCommand(parameters: readonly string[]): string[] {
  return [...productCommand('cli/main'), ...parameters];
}

/** Starts the command line as a separate process. */
export function autopilot(parameters: string[]): {
  child: ChildProcess;
  ended: Promise<{ exitCode: number | null; output: string }>;
} {
  const [executable = '', ...words] = autopilotCommand(parameters);
  const child = spawn(executable, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      output += text;
    });
  }
  const ended = new Promise<{ exitCode: number | null; output: string }>((resolve) => {
    child.once('close', (exitCode) => resolve({ exitCode, output }));
  });
  return { child, ended };
}

/** The outcome according to the run directories. */
export function outcome(project: string): Pick<StudyReport, 'weights' | 'finished' | 'attempts'> {
  const runs = join(project, 'runs');
  const found = { weights: {} as Record<string, string>, finished: 0, attempts: 0 };
  for (const run of existsSync(runs) ? readdirSync(runs) : []) {
    const events = eventsOf(join(runs, run));
    found.attempts += events.filter(({ type }) => type === 'attempt').length;
    for (const { weightsHash = '' } of events.filter(({ type }) => type === 'finished')) {
      found.finished += 1;
      found.weights[run.replace(/^.*\.(\w+-[\d-]+)\.\w+$/, '$1')] = weightsHash;
    }
  }
  return found;
}

async function victim(
  project: string,
  { kind, afterMs }: { kind: Fault; afterMs: number },
  engine: ChildProcess,
): Promise<number> {
  while (processesOf(project).ranks.length === 0) {
    if (engine.exitCode !== null) throw new Error('the study was over before it had a rank');
    await delay(20);
  }
  await delay(afterMs);
  for (;;) {
    if (engine.exitCode !== null) throw new Error('the study was over before the fault');
    if (kind === 'engine killed') return engine.pid!;
    const { mpirun, ranks } = processesOf(project);
    const candidates = kind === 'mpirun killed' ? mpirun : ranks;
    const chosen = candidates[Math.floor(Math.random() * candidates.length)];
    if (chosen !== undefined) return chosen;
    await delay(20);
  }
}

function processesOf(project: string): { mpirun: number[]; ranks: number[] } {
  const found = { mpirun: [] as number[], ranks: [] as number[] };
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const environment = read(`/proc/${pid}/environ`);
    if (!environment.includes(`AUTOPILOT_RUN=${project}/`)) continue;
    const program = basename(read(`/proc/${pid}/cmdline`).split('\0')[0] ?? '');
    if (/(^|\0)(OMPI_COMM_WORLD_RANK|PMI_RANK)=/.test(environment)) found.ranks.push(Number(pid));
    else if (/^mpirun(\.\w+)?$/.test(program)) found.mpirun.push(Number(pid));
  }
  return found;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
