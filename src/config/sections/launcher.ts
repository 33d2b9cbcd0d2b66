import * as z from 'zod';
import { count, environment, line, most } from './bounds.ts';

/** How the launcher notices a rank that lives and does nothing: from the file that every rank's heartbeat rewrites. */
const liveness = {
  /** Seconds without a heartbeat after which a rank counts as lost. */
  heartbeatSeconds: z.number().min(2).max(most.time).default(30),
  /** Seconds without a step of any rank after which the job counts as stuck; evaluations count as steps. */
  stallSeconds: z.number().min(10).max(most.time).default(1800),
};

/** Sums in the same order whatever the message size, so that every run of a seed ends with the same bits; up to twice the time per reduction. */
const reproducible = z.boolean().default(true);

/** A command as a list of words, each one argument; `{name}` in a word is filled in. A list among them is left out when one of its placeholders has no value. */
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
    /** How one process plays k workers: `fused` computes the k shards as one batch (same to float tolerance, faster); `exact` averages shard by shard, bit for bit as MPI does. */
    shards: z.enum(['fused', 'exact']).default('fused'),
    ...liveness,
  }),
  z.strictObject({
    kind: z.literal('mpi'),
    /** mpirun of the MPI that mpi-node was built for (Open MPI or MPICH): a name on the PATH or a path. */
    mpirun: line.default('mpirun'),
    /** Hosts and slots as mpirun reads them, relative to the study file. Left out: this host alone. */
    hostfile: line.optional(),
    /** Most ranks on one host. Left out: what the hostfile's slots say. */
    ranksPerHost: count(most.workers).optional(),
    /** May ranks outnumber cores or slots? Left out: yes on this host alone, no with a hostfile. */
    oversubscribe: z.boolean().optional(),
    /** The network that ranks of several hosts talk over: interfaces or CIDR blocks, such as `10.0.0.0/24`. */
    network: line.optional(),
    /** Set for every rank. */
    environment,
    /** Passed to mpirun as they are, before the program. */
    extraArguments: z.array(line).max(most.items).default([]),
    reproducible,
    ...liveness,
  }),
  z.strictObject({
    kind: z.literal('slurm'),
    account: line.optional(),
    partition: line.optional(),
    qos: line.optional(),
    /** Per node, such as `gpu:2`. */
    gres: line.optional(),
    constraint: line.optional(),
    /** Nodes; left out: Slurm decides. */
    nodes: count(most.workers).optional(),
    ranksPerNode: count(most.workers).optional(),
    cpusPerRank: count(10_000).default(1),
    /** Memory per node as sbatch reads it, such as `16G`. */
    memory: line.optional(),
    /** Time limit as sbatch reads it: minutes, `HH:MM:SS` or `D-HH:MM:SS`. */
    time: line.optional(),
    /** Seconds before the time limit at which the training is told to write a checkpoint. */
    warnSeconds: z.int().min(5).max(most.timerSeconds).default(120),
    /** Times a job puts itself back into the queue after a time limit or a preemption. */
    requeues: z.int().min(0).max(most.runs).default(20),
    /** Shell lines before the training starts: `module load openmpi`. */
    setup: z.array(line).max(most.items).default([]),
    /** Further sbatch options, such as `--exclusive`. */
    extraArguments: z.array(line).max(most.items).default([]),
    /** How ranks start inside the job: `srun` (with PMIx), `mpirun`, or `auto`: srun where Slurm has PMIx. */
    start: z.enum(['auto', 'srun', 'mpirun']).default('auto'),
    environment,
    reproducible,
    /** Seconds between looks at the queue. */
    pollSeconds: z.number().min(0.2).max(most.timerSeconds).default(10),
    /** Minutes that sbatch may go on refusing (a full queue, an outage) before the attempt counts as not started. */
    submitMinutes: z.number().min(0).max(most.time).default(30),
    /** Cancel jobs on Ctrl-C, instead of leaving them to a later `autopilot resume`. */
    cancelOnInterrupt: z.boolean().default(false),
    ...liveness,
  }),
  z.strictObject({
    kind: z.literal('scheduler'),
    /** The scheduler's own commands. `gridEngine` is tested with a real one; pbs, lsf, htcondor, flux and oar are written from their manuals. Left out: `submit`, `jobId`, `status`, `state` and `cancel` say them all. */
    preset: z.enum(schedulerPresets).optional(),
    /** Submits the job: words of one command, run without a shell. Placeholders: docs/cluster.md. */
    submit: template.optional(),
    /** Lines that `submit` reads; a value in them is quoted for a shell. */
    submitInput: z.array(line).max(most.items).optional(),
    /** Regular expression whose first group is the job's id in what `submit` printed; the last match counts. */
    jobId: pattern.optional(),
    /** Commands that say how the job `{jobId}` is; the next is asked where one does not know it. */
    status: z.array(template).min(1).max(10).optional(),
    /** Regular expressions, tried in turn, whose first group is the job's state in what a `status` command printed. */
    state: z.array(pattern).min(1).max(10).optional(),
    /** What a command that fails says of a job that it does not know. Any other failure: the scheduler is out of reach. */
    unknown: pattern.optional(),
    /** Which states mean what, as regular expressions. A state that none of them fits is the end of the job. */
    states: z
      .strictObject({
        waiting: pattern.optional(),
        held: pattern.optional(),
        running: pattern.optional(),
        cancelled: pattern.optional(),
        timeLimit: pattern.optional(),
        outOfMemory: pattern.optional(),
        workersLost: pattern.optional(),
      })
      .optional(),
    /** Commands that find a job by its name `{name}`. Left out: a submission that got no answer is not tried again. */
    find: z.array(template).min(1).max(10).optional(),
    /** Regular expression whose first group is the job's id in what `find` printed; the last match counts. */
    foundId: pattern.optional(),
    /** Takes the job `{jobId}` out of the queue, or ends it. */
    cancel: template.optional(),
    /** Shell line that prints the job's hosts inside the job, one a line with its slots: `node1 4`. */
    hosts: line.optional(),
    /** Starts the ranks inside the job, before the program's own words. Left out: mpirun, with the hosts. */
    start: template.optional(),
    /** Further placeholders: `{parallelEnvironment}` of Grid Engine, or whatever your own templates name. */
    values: z
      .record(z.string().regex(/^[A-Za-z]\w{0,99}$/, 'name a placeholder with letters and digits'), line)
      .default({}),
    queue: line.optional(),
    account: line.optional(),
    /** Nodes; left out: one. */
    nodes: count(most.workers).optional(),
    ranksPerNode: count(most.workers).optional(),
    cpusPerRank: count(10_000).default(1),
    /** Memory as the scheduler reads it: per node with pbs, htcondor and oar, per slot with gridEngine and lsf. */
    memory: line.optional(),
    /** Time limit as the scheduler reads it. */
    time: line.optional(),
    /** Minutes after the job's start at which the training is asked for a checkpoint and goes on as another job: choose it below the time limit. Left out: it is asked only where the scheduler warns the job (USR1). */
    checkpointMinutes: z.number().positive().max(most.time).optional(),
    /** Shell lines before the training starts: `module load openmpi`. */
    setup: z.array(line).max(most.items).default([]),
    /** Further words for `submit`, where it says `{extraArguments}`. */
    extraArguments: z.array(line).max(most.items).default([]),
    /** mpirun inside the job: a name on the PATH or a path. */
    mpirun: line.default('mpirun'),
    environment,
    reproducible,
    /** Seconds between looks at the queue. */
    pollSeconds: z.number().min(0.2).max(most.timerSeconds).default(10),
    /** Minutes that `submit` may go on failing (a full queue, an outage) before the attempt counts as not started. */
    submitMinutes: z.number().min(0).max(most.time).default(30),
    /** Cancel jobs on Ctrl-C, instead of leaving them to a later `autopilot resume`. */
    cancelOnInterrupt: z.boolean().default(false),
    ...liveness,
  }),
]);

export type LauncherConfig = z.infer<typeof launcherConfig>;
/** How a hang is noticed, in seconds. */
export type Liveness = Pick<LauncherConfig, keyof typeof liveness>;
export type MpiLauncherConfig = Extract<LauncherConfig, { kind: 'mpi' }>;
export type SchedulerLauncherConfig = Extract<LauncherConfig, { kind: 'scheduler' }>;
export type SlurmLauncherConfig = Extract<LauncherConfig, { kind: 'slurm' }>;
