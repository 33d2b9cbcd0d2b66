import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { mpiStatus } from '#mpi-node';
import { installCommand } from '../../domain/native-parts.ts';
import { type Check, ok } from './check.ts';

const run = promisify(execFile);

/** Milliseconds that a tool may take to print its version. */
const patienceMs = 10_000;

interface Tool {
  name: string;
  command: readonly [program: string, ...options: string[]];
  /** The detail reported when the tool is there but fails. */
  failed?: string;
  /** What it is for, and how to get it. */
  fix: string;
}

const tools: readonly Tool[] = [
  {
    name: 'MPI',
    command: ['mpirun', '--version'],
    fix: 'only for launcher mpi: apt-get install openmpi-bin libopenmpi-dev (or mpich)',
  },
  {
    name: 'MPI compiler',
    command: ['mpicc', '--version'],
    fix: `only to build the MPI addon: apt-get install libopenmpi-dev g++, then: ${installCommand()}`,
  },
  {
    name: 'Slurm',
    command: ['sbatch', '--version'],
    fix: 'only for launcher slurm: run autopilot on a login node where sbatch is on the PATH',
  },
  {
    name: 'Grid Engine',
    command: ['qstat', '-help'],
    fix: 'only for launcher scheduler with preset gridEngine: run autopilot on a submit host, with SGE_ROOT set',
  },
  { name: 'Python', command: ['python3', '--version'], fix: 'only for Python trainers: apt-get install python3' },
  {
    name: 'PyTorch',
    command: [
      'python3',
      '-c',
      'import torch; print(torch.__version__, "CUDA" if torch.cuda.is_available() else "CPU")',
    ],
    failed: 'python3 cannot import torch',
    fix: 'only for PyTorch trainers: pip install torch, or apt-get install python3-torch',
  },
  {
    name: 'NVIDIA GPU',
    command: ['nvidia-smi', '--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'],
    fix: 'only for GPUs: install the NVIDIA driver; without one training runs on the CPU',
  },
];

/** Checks for other programs on this machine, all of them optional. */
export async function toolChecks(): Promise<Check[]> {
  const [mpi, ...others] = await Promise.all(tools.map(toolCheck));
  return [mpi!, addonCheck(), ...others];
}

/** Checks the addon by which several processes train together; without it mpirun starts ranks that end at once. */
function addonCheck(): Check {
  const name = 'MPI addon';
  const status = mpiStatus();
  if (status.available) return ok(name, status.library.split(',')[0]!);
  return {
    name,
    state: 'missing',
    detail: status.reason,
    fix: `only for launcher mpi: ${status.fix}`,
    essential: false,
  };
}

async function toolCheck({ name, command, failed, fix }: Tool): Promise<Check> {
  const [program, ...options] = command;
  try {
    const { stdout } = await run(program, options, { timeout: patienceMs });
    return ok(name, stdout.trim().split('\n')[0] || 'found');
  } catch (thrown) {
    const absent = (thrown as NodeJS.ErrnoException).code === 'ENOENT';
    const detail = absent ? `${program} is not on the PATH` : (failed ?? `${command.join(' ')} failed`);
    return { name, state: 'missing', detail, fix, essential: false };
  }
}
