import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { autopilot } from './faulty-study.ts';
import { eventsOf } from './tiny-run.ts';

const script = fileURLToPath(new URL('../faults/torch-trainer.py', import.meta.url));
const client = fileURLToPath(new URL('../../clients/python', import.meta.url));

/** A Python with PyTorch; null if there is none. */
export const torchPython =
  [process.env.TORCH_PYTHON ?? 'python3', '/usr/bin/python3'].find(
    (each) => spawnSync(each, ['-c', 'import torch, torch.distributed']).status === 0,
  ) ?? null;

/** Which process is hit, and by which signal. */
export const torchrunFaults = {
  'worker killed': { who: 'worker', signal: 'SIGKILL' },
  'worker stopped': { who: 'worker', signal: 'SIGSTOP' },
  'torchrun killed': { who: 'torchrun', signal: 'SIGKILL' },
  'engine killed': { who: 'engine', signal: 'SIGKILL' },
  'engine interrupted': { who: 'engine', signal: 'SIGINT' },
} as const;
export type TorchrunFault = keyof typeof torchrunFaults;

export interface TorchrunReport {
  exitCode: number | null;
  output: string;
  /** Hashes of the final weights of each training that ended: one if nothing is repeated. */
  weights: string[];
  /** Epochs in the order in which they were reported, attempt by attempt. */
  epochs: number[];
  /** Number of steps that an attempt made after the next attempt's first step. */
  overlapping: number;
  attempts: number;
  /** Number of the study's processes left running. */
  left: number;
  seconds: number;
}

/** A study of two workers started by torchrun, in its own folder. */
export function writeTorchrunStudy(launcher: Record<string, unknown>, python: string): string {
  const project = mkdtempSync(join(tmpdir(), 'torchrun-study-'));
  const torchrun = [python, '-m', 'torch.distributed.run', '-r1', '-t1'];
  const meet = ['--rdzv_backend=c10d', '--rdzv_endpoint=localhost:0', '--nproc_per_node={workers}', script];
  const study = {
    name: 'torchrun',
    trainer: {
      kind: 'command',
      command: [...torchrun, ...meet],
      environment: { PYTHONPATH: client, OMP_NUM_THREADS: '1' },
    },
    workers: 2,
    epochs: 6,
    setting: { initialLr: 0.01, warmupEpochs: 1 },
    decision: { rule: 'thesis', metrics: ['dice'] },
    baseline: { runs: [{ dice: 0.99 }] },
    budget: { iterations: 1 },
    attempts: 6,
    checkpoints: { everyEpochs: 1 },
    launcher,
  };
  writeFileSync(join(project, 'study.yaml'), stringify(study));
  return project;
}

/** Runs the study with one fault, `afterMs` milliseconds after its first step, or with none. `pick` chooses among n. */
export async function torchrunStudy(
  project: string,
  fault: { kind: TorchrunFault; afterMs: number; pick: (n: number) => number } | null,
): Promise<TorchrunReport> {
  const beganMs = performance.now();
  const first = autopilot(['run', join(project, 'study.yaml'), '--project', project]);
  if (fault !== null) {
    while (stepsOf(project).length === 0) {
      if (first.child.exitCode !== null) throw new Error('the study was over before its first step');
      await delay(20);
    }
    await delay(fault.afterMs);
    const { who, signal } = torchrunFaults[fault.kind];
    const among = who === 'engine' ? [first.child.pid ?? 0] : processesOf(project)[who];
    if (first.child.exitCode !== null || among.length === 0) throw new Error('the study was over before the fault');
    process.kill(among[fault.pick(among.length)] ?? 0, signal);
  }
  let { exitCode, output } = await first.ended;
  if (fault !== null && torchrunFaults[fault.kind].who === 'engine') {
    const second = await autopilot(['resume', 'torchrun', '--project', project]).ended;
    exitCode = second.exitCode;
    output += second.output;
  }
  const { worker, torchrun } = processesOf(project);
  const left = worker.length + torchrun.length;
  return { exitCode, output, ...found(project), left, seconds: (performance.now() - beganMs) / 1000 };
}

/** The differences of a disturbed study from the undisturbed one; none if it ended in the same way. */
export function problemsOf(report: TorchrunReport, calm: TorchrunReport): string[] {
  const { weights, epochs, overlapping, left, exitCode } = report;
  return [
    // Twice if torchrun was hit after the script had finished but before torchrun ended: the next attempt repeats them.
    ...(weights.length > 0 && weights.every((each) => each === calm.weights[0])
      ? []
      : [`weights ${weights.join(' ')}`]),
    // An attempt may repeat epochs after its checkpoint, but none may be missing.
    ...([1, 2, 3, 4, 5, 6].every((epoch) => epochs.includes(epoch)) ? [] : [`epochs ${epochs.join(' ')}`]),
    ...(overlapping === 0 ? [] : [`${overlapping} steps overlapping the next attempt's`]),
    ...(left === 0 ? [] : [`${left} processes left`]),
    ...(exitCode === calm.exitCode ? [] : [`exit code ${exitCode}`]),
  ];
}

function found(project: string): Pick<TorchrunReport, 'weights' | 'epochs' | 'overlapping' | 'attempts'> {
  const [run = ''] = runsOf(project);
  const events = eventsOf(run);
  const steps = stepsOf(project);
  const attempts = [...new Set(steps.map(({ attempt }) => attempt))];
  const overlapping = steps.filter(({ attempt, time }) => {
    const next = attempts[attempts.indexOf(attempt) + 1];
    return steps.some((other) => other.attempt === next && other.time < time);
  });
  return {
    weights: read(join(run, 'weights')).split('\n').filter(Boolean),
    epochs: events.flatMap(({ type, epoch }) => (type === 'epoch' && epoch !== undefined ? [epoch] : [])),
    overlapping: overlapping.length,
    attempts: events.filter(({ type }) => type === 'attempt').length,
  };
}

/** Steps of all workers and attempts, by time. */
function stepsOf(project: string): { time: number; attempt: string }[] {
  const files = runsOf(project).flatMap((run) => readdirSync(run).map((name) => join(run, name)));
  const lines = files.filter((path) => /steps-\d+$/.test(path)).flatMap((path) => read(path).split('\n'));
  const steps = lines.filter(Boolean).map((line) => {
    const [time = '', attempt = ''] = line.split(' ');
    return { time: Number(time), attempt };
  });
  return steps.sort((a, b) => a.time - b.time);
}

function runsOf(project: string): string[] {
  const runs = join(project, 'runs');
  return existsSync(runs) ? readdirSync(runs).map((name) => join(runs, name)) : [];
}

/** The study's processes; all launchers in tests start them on this host. */
function processesOf(project: string): { worker: number[]; torchrun: number[] } {
  const processes = { worker: [] as number[], torchrun: [] as number[] };
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const environment = read(`/proc/${pid}/environ`);
    if (!environment.includes(`AUTOPILOT_RUN=${project}/`)) continue;
    const command = read(`/proc/${pid}/cmdline`);
    if (/(^|\0)TORCHELASTIC_RUN_ID=/.test(environment)) processes.worker.push(Number(pid));
    else if (command.includes('torch.distributed.run')) processes.torchrun.push(Number(pid));
  }
  return processes;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
