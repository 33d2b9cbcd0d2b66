import * as z from 'zod';
import { count, environment, line, most } from './bounds.ts';

/** How the launcher notices a rank that is alive but does nothing: each rank's heartbeat keeps rewriting a file. */
const liveness = {
  /** Seconds without a heartbeat after which a rank counts as lost. */
  heartbeatSeconds: z.number().min(2).max(most.time).default(30),
  /** Seconds without a step by any rank after which the job counts as stuck; evaluations count as steps. */
  stallSeconds: z.number().min(10).max(most.time).default(1800),
};

/** Sum in the same order whatever the message size, so that every run with the same seed ends with the same bits; a reduction takes up to twice as long. */
const reproducible = z.boolean().default(true);

/** A command as a list of words, one per argument; a placeholder `{name}` in a word is filled in. A nested list is left out when one of its placeholders has no value. */
const template = z
  .array(z.union([line, z.array(line).min(1).max(most.items)]))
  .min(1)
  .max(most.items);

const pattern = line.refine(isPattern, 'write a regular expression, such as ^(\\d+)');

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'm');
    return true;
  } catch {
    return false;
  }
}

export const schedulerPresets = ['gridEngine', 'pbs', 'lsf', 'htcondor', 'flux', 'oar'] as const;

/** How the workers are started. */
export const launcherConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('local'),
    /** How one process does the work of k workers: `fused` computes the k shards as one batch (faster, equal within float tolerance); `exact` averages shard by shard, bit for bit as MPI does. */
    shards: z.enum(['fused', 'exact']).default('fused'),
    ...liveness,
  }),
  z.strictObject({
    kind: z.literal('mpi'),
    /** The mpirun of the MPI that mpi-node was built for (Open MPI or MPICH): a name on the PATH, or a path. */
    mpirun: line.default('mpirun'),
    /** File with hosts and slots in mpirun's format, relative to the study file. Left out: only this host. */
    hostfile: line.optional(),
    /** Maximum number of ranks on one host. Left out: the slots in the hostfile. */
    ranksPerHost: count(most.workers).optional(),
    /** Whether there may be more ranks than cores or slots. Left out: yes without a hostfile, no with one. */
    oversubscribe: z.boolean().optional(),
    /** The network between ranks on different hosts: interfaces or CIDR blocks, such as `10.0.0.0/24`. */
    network: line.optional(),
    /** Environment variables set for every rank. */
    environment,
    /** Passed to mpirun unchanged, before the program. */
    extraArguments: z.array(line).max(most.items).default([]),
    reproducible,
    ...liveness,
  }),
  z.strictObject({
    kind: z.literal('slurm'),
    /** Passed to sbatch as `--account`. */
    account: line.optional(),
    /** Passed to sbatch as `--partition`. */
    partition: line.optional(),
    /** Passed to sbatch as `--qos`. */
    qos: line.optional(),
    /** Generic resources of each node, such as `gpu:2`. */
    gres: line.optional(),
    /** Features that the nodes must have. */
    constraint: line.optional(),
    /** Number of nodes. Left out: Slurm decides. */
    nodes: count(most.workers).optional(),
    /** Ranks on each node. Left out: Slurm decides. */
    ranksPerNode: count(most.workers).optional(),
    /** Cores for each rank. */
    cpusPerRank: count(10_000).default(1),
    /** Memory per node in sbatch's format, such as `16G`. */
    memory: line.optional(),
    /** Time limit in sbatch's format: minutes, `HH:MM:SS` or `D-HH:MM:SS`. */
    time: line.optional(),
    /** Seconds before the time limit at which the training is told to write a checkpoint. */
    warnSeconds: z.int().min(5).max(most.timerSeconds).default(120),
    /** How many times a job may requeue itself after a time limit or a preemption. */
    requeues: z.int().min(0).max(most.runs).default(20),
    /** Shell lines to run before the training starts, such as `module load openmpi`. */
    setup: z.array(line).max(most.items).default([]),
    /** Further sbatch options, such as `--exclusive`. */
    extraArguments: z.array(line).max(most.items).default([]),
    /** How ranks start inside the job: by `srun` (with PMIx) or by `mpirun`; `auto` uses srun if Slurm has PMIx. */
    start: z.enum(['auto', 'srun', 'mpirun']).default('auto'),
    /** Environment variables set for every rank. */
    environment,
    reproducible,
    /** Seconds between two checks of the queue. */
    pollSeconds: z.number().min(0.2).max(most.timerSeconds).default(10),
    /** Minutes for which sbatch may keep refusing (a full queue, an outage) before the attempt counts as not started. */
    submitMinutes: z.number().min(0).max(most.time).default(30),
    /** On Ctrl-C, cancel the jobs instead of leaving them to a later `autopilot resume`. */
    cancelOnInterrupt: z.boolean().default(false),
    ...liveness,
  }),
  z.strictObject({
    kind: z.literal('scheduler'),
    /** The scheduler whose commands to use. `gridEngine` is tested with a real one; pbs, lsf, htcondor, flux and oar are written from their manuals and have not been run. Left out: `submit`, `jobId`, `status`, `state` and `cancel` must be given. */
    preset: z.enum(schedulerPresets).optional(),
    /** Command that submits the job, one item per word, run without a shell. Placeholders: docs/cluster.md. */
    submit: template.optional(),
    /** Lines that `submit` reads from standard input; values in them are quoted for a shell. */
    submitInput: z.array(line).max(most.items).optional(),
    /** Regular expression whose first group is the job's id in the output of `submit`; the last match counts. */
    jobId: pattern.optional(),
    /** Commands that report the state of the job `{jobId}`; if one does not know the job, the next is tried. */
    status: z.array(template).min(1).max(10).optional(),
    /** Regular expressions, tried in turn, whose first group is the job's state in the output of a `status` command. */
    state: z.array(pattern).min(1).max(10).optional(),
    /** Regular expression for the output of a command that fails because it does not know the job. Any other failure means that the scheduler cannot be reached. */
    unknown: pattern.optional(),
    /** What the states mean, as regular expressions. A state that matches none of them means that the job has ended. */
    states: z
      .strictObject({
        /** The job waits in the queue. */
        waiting: pattern.optional(),
        /** The job is held and does not start by itself. */
        held: pattern.optional(),
        /** The job runs. */
        running: pattern.optional(),
        /** The job was cancelled. */
        cancelled: pattern.optional(),
        /** The job reached its time limit. */
        timeLimit: pattern.optional(),
        /** The job ran out of memory. */
        outOfMemory: pattern.optional(),
        /** The job lost a node. */
        workersLost: pattern.optional(),
      })
      .optional(),
    /** Commands that find a job by its name `{name}`. Left out: a submission that got no answer is not tried again. */
    find: z.array(template).min(1).max(10).optional(),
    /** Regular expression whose first group is the job's id in the output of `find`; the last match counts. */
    foundId: pattern.optional(),
    /** Command that removes the job `{jobId}` from the queue, or ends it. */
    cancel: template.optional(),
    /** Shell line that, inside the job, prints its hosts, one per line with its slots: `node1 4`. */
    hosts: line.optional(),
    /** Command that starts the ranks inside the job; the program and its arguments are appended. Left out: mpirun with the job's hosts. */
    start: template.optional(),
    /** Values of further placeholders: `{parallelEnvironment}` for Grid Engine, or those that your own templates use. */
    values: z
      .record(z.string().regex(/^[A-Za-z]\w{0,99}$/, 'name a placeholder with letters and digits'), line)
      .default({}),
    /** The queue to submit to. */
    queue: line.optional(),
    /** The account or project to charge. */
    account: line.optional(),
    /** Number of nodes. Left out: one. */
    nodes: count(most.workers).optional(),
    /** Ranks on each node. */
    ranksPerNode: count(most.workers).optional(),
    /** Cores for each rank. */
    cpusPerRank: count(10_000).default(1),
    /** Memory in the scheduler's format: per node with pbs, htcondor and oar, per slot with gridEngine and lsf. */
    memory: line.optional(),
    /** Time limit in the scheduler's format. */
    time: line.optional(),
    /** Minutes after which the training is asked to write a checkpoint and continues as another job; choose fewer than the time limit. Left out: it is asked only if the scheduler warns the job (USR1). */
    checkpointMinutes: z.number().positive().max(most.time).optional(),
    /** Shell lines to run before the training starts, such as `module load openmpi`. */
    setup: z.array(line).max(most.items).default([]),
    /** Further arguments for `submit`; they replace `{extraArguments}`. */
    extraArguments: z.array(line).max(most.items).default([]),
    /** The mpirun to use inside the job: a name on the PATH, or a path. */
    mpirun: line.default('mpirun'),
    /** Environment variables set for every rank. */
    environment,
    reproducible,
    /** Seconds between two checks of the queue. */
    pollSeconds: z.number().min(0.2).max(most.timerSeconds).default(10),
    /** Minutes for which `submit` may keep failing (a full queue, an outage) before the attempt counts as not started. */
    submitMinutes: z.number().min(0).max(most.time).default(30),
    /** On Ctrl-C, cancel the jobs instead of leaving them to a later `autopilot resume`. */
    cancelOnInterrupt: z.boolean().default(false),
    ...liveness,
  }),
]);

export type LauncherConfig = z.infer<typeof launcherConfig>;
/** The limits for noticing a hang, in seconds. */
export type Liveness = Pick<LauncherConfig, keyof typeof liveness>;
export type MpiLauncherConfig = Extract<LauncherConfig, { kind: 'mpi' }>;
export type SchedulerLauncherConfig = Extract<LauncherConfig, { kind: 'scheduler' }>;
export type SlurmLauncherConfig = Extract<LauncherConfig, { kind: 'slurm' }>;
