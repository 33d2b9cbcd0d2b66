import { join } from 'node:path';
import type { MpiLauncherConfig } from '../../config/sections/launcher.ts';
import { readPlainText } from '../../protocol/files/read-plain-file.ts';
import type { Job } from '../launcher.ts';
import { nodeLayout } from '../node-layout.ts';
import { meets, startScript, startScriptOf } from '../start-script.ts';
import { mpiImplementationOf } from './implementation.ts';

/** Seconds between the signals by which mpirun ends the ranks that survive a lost one: nothing they do then matters. */
const signalSeconds = 1;

/** Makes Open MPI and MPICH add in the same order whatever the message size: recursive doubling, the pairwise tree. */
export const reproducibleReduction = {
  OMPI_MCA_coll_tuned_use_dynamic_rules: '1',
  OMPI_MCA_coll_tuned_allreduce_algorithm: '3',
  MPIR_CVAR_ALLREDUCE_DEVICE_COLLECTIVE: '0',
  MPIR_CVAR_ALLREDUCE_INTRA_ALGORITHM: 'recursive_doubling',
};

/** Ranks often outnumber cores; without this a waiting rank burns its neighbour's core (70 to 200 times slower). */
export const yieldWhenIdle = { OMPI_MCA_mpi_yield_when_idle: '1' };

/** The variables in a rank's environment, beyond the engine's own. */
export function rankEnvironment(job: Job, config: Pick<MpiLauncherConfig, 'environment' | 'reproducible'>) {
  return {
    ...yieldWhenIdle,
    ...(config.reproducible ? reproducibleReduction : {}),
    ...job.program.environment,
    ...config.environment,
    AUTOPILOT_RUN: job.runDirectory,
    AUTOPILOT_ATTEMPT: job.attempt,
    // An addon for another MPI would silently start k jobs of one rank each: every rank compares its size with this.
    ...(job.program.start === 'perRank' ? { AUTOPILOT_EXPECT: String(job.workers) } : {}),
  };
}

/** Where mpirun puts the output of each rank: `…/1/rank.0/stdout`. */
export function rankLogs({ runDirectory, attempt }: Pick<Job, 'runDirectory' | 'attempt'>): string {
  return join(runDirectory, 'logs', attempt);
}

/** The mpirun command line of a job, with the options of that mpirun's implementation. */
export function mpirunCommand(job: Job, config: MpiLauncherConfig): string[] {
  const options = mpiImplementationOf(config.mpirun) === 'mpich' ? hydraOptions : openMpiOptions;
  return [
    config.mpirun,
    ...options(job, config),
    ...config.extraArguments,
    ...(meets(job) ? ['sh', startScriptOf(job)] : job.program.command),
  ];
}

function openMpiOptions(job: Job, config: MpiLauncherConfig): string[] {
  const { hostfile, network } = config;
  const { processes, perHost } = processCounts(job, config);
  const oversubscribe = config.oversubscribe ?? hostfile === undefined;
  return [
    ...(process.getuid?.() === 0 ? ['--allow-run-as-root'] : []),
    ...['-n', String(processes)],
    ...(hostfile === undefined ? [] : ['--hostfile', hostfile]),
    ...(perHost === undefined ? [] : ['--map-by', `ppr:${perHost}:node`]),
    ...(oversubscribe ? ['--oversubscribe'] : []),
    // Bound to one core, all threads of a rank would share it.
    ...['--bind-to', 'none'],
    // A file per rank beside the common log, where mpirun may tear long lines.
    ...['--output-filename', rankLogs(job)],
    ...mca('odls_base_sigkill_timeout', signalSeconds),
    // Without keepalive a link that goes down leaves the job hanging for good; with it, for about ten seconds.
    ...mca('oob_tcp_keepalive_time', 5),
    ...mca('oob_tcp_keepalive_intvl', 2),
    ...mca('oob_tcp_keepalive_probes', 3),
    ...(network === undefined ? [] : [...mca('btl_tcp_if_include', network), ...mca('oob_tcp_if_include', network)]),
    ...['--wdir', job.program.directory],
    // Processes on other hosts get only the variables named here.
    ...(hostfile === undefined ? [] : Object.keys(rankEnvironment(job, config)).flatMap((name) => ['-x', name])),
  ];
}

/** For MPICH's Hydra, which starts more ranks than cores unasked, and passes its whole environment to other hosts. */
function hydraOptions(job: Job, config: MpiLauncherConfig): string[] {
  const { hostfile, network } = config;
  const { processes, perHost } = processCounts(job, config);
  return [
    ...(hostfile === undefined ? [] : ['-f', hostfile]),
    ...(perHost === undefined ? [] : ['-ppn', String(perHost)]),
    ...['-bind-to', 'none'],
    ...(network === undefined ? [] : ['-iface', network]),
    ...['-wdir', job.program.directory],
    // With a file per rank the common log would stay empty.
    '-prepend-rank',
    ...['-n', String(processes)],
  ];
}

/** Number of processes that mpirun starts, in total and at most per host. */
function processCounts(job: Job, config: MpiLauncherConfig) {
  const perNode = job.program.start === 'perNode';
  return {
    processes: perNode ? mpiNodes(job, config).nodes : job.program.start === 'once' ? 1 : job.workers,
    perHost: perNode && config.hostfile !== undefined ? 1 : config.ranksPerHost,
  };
}

/** The script that starts the processes of a user's command; null if they are started directly. */
export function mpiStartScript(job: Job, config: MpiLauncherConfig): string | null {
  return meets(job) ? startScript(job, { layout: mpiNodes(job, config), masterAddress: masterOf(config) }) : null;
}

/** The host of rank 0: the hostfile's first. */
function masterOf({ hostfile }: Pick<MpiLauncherConfig, 'hostfile'>): string {
  if (hostfile === undefined) return '127.0.0.1';
  const hosts = readPlainText(hostfile).split('\n');
  const [first = '127.0.0.1'] = hosts.flatMap((line) => /^\s*([^#\s:]+)/.exec(line)?.[1] ?? []);
  return first;
}

/** The hosts that a job takes, according to `ranksPerHost`. */
function mpiNodes({ workers }: Pick<Job, 'workers'>, { ranksPerHost }: Pick<MpiLauncherConfig, 'ranksPerHost'>) {
  return nodeLayout({ workers, perNode: ranksPerHost ?? workers });
}

function mca(name: string, value: string | number): string[] {
  return ['--mca', name, String(value)];
}
