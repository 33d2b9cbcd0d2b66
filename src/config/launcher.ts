import { z } from 'zod';
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
]);

export type LauncherConfig = z.infer<typeof launcherConfig>;
/** How a hang is noticed, in seconds. */
export type Liveness = Pick<LauncherConfig, keyof typeof liveness>;
export type MpiLauncherConfig = Extract<LauncherConfig, { kind: 'mpi' }>;
export type SlurmLauncherConfig = Extract<LauncherConfig, { kind: 'slurm' }>;
