import { join } from 'node:path';
import type { SchedulerPlaceholder } from '../../config/checks/scheduler-checks.ts';
import type { MpiLauncherConfig, SchedulerLauncherConfig } from '../../config/sections/launcher.ts';
import { shellText } from '../../domain/text/shell-text.ts';
import { runDirectoryFiles } from '../../protocol/run-directory.ts';
import type { Job } from '../launcher.ts';
import { logOf } from '../local/launcher.ts';
import { mpirunCommand, rankEnvironment } from '../mpi/command.ts';
import { mpiImplementationOf } from '../mpi/implementation.ts';
import { nodeLayout } from '../node-layout.ts';
import { meets, startScript, startScriptOf } from '../start-script.ts';
import { commandOf, type Template, type Values } from './template.ts';
import type { Templates } from './templates.ts';

/** Exit code of a rank that was asked to stop, after it wrote a checkpoint. */
const stoppedAtCheckpoint = 85;

type JobName = Pick<Job, 'runDirectory' | 'attempt'>;

const beside = ({ runDirectory, attempt }: JobName, ending: string) =>
  join(runDirectory, 'logs', `${attempt}.${ending}`);

/** The script that the job runs. */
export const scriptFileOf = (job: JobName) => beside(job, 'job.sh');

/** Holds the exit code of a job's script, once nothing of the job is left on its node. */
export const exitMark = (job: JobName) => beside(job, 'exit');

/** Created by the job that trains, so that a job that was submitted twice, or starts again, trains only once. */
const begunMark = (job: JobName) => beside(job, 'begun');

/** Its file names are signals that the job's script forwards to the ranks; `KILL` ends all, even before they begin. */
export const askedFolder = (job: JobName) => beside(job, 'asked');

const hostfileOf = (job: JobName) => beside(job, 'hosts');

/** How the job's processes are spread over its nodes: one for each node or for each worker. */
export function layoutOf(job: Job, { nodes = 1, ranksPerNode, cpusPerRank }: SchedulerLauncherConfig) {
  const once = job.program.start === 'once';
  const ranks = nodeLayout({ workers: job.workers, ...(once ? {} : { nodes, perNode: ranksPerNode }) });
  const perNode = job.program.start === 'perNode';
  return {
    ranks,
    processes: perNode ? ranks.nodes : job.workers,
    coresPerProcess: cpusPerRank * (perNode ? ranks.perNode : 1),
  };
}

/** The values of the placeholders in a job's templates. */
export function valuesOf(
  job: Job,
  config: SchedulerLauncherConfig,
): Values & Partial<Record<SchedulerPlaceholder, unknown>> {
  const { ranks, processes, coresPerProcess } = layoutOf(job, config);
  const { cpusPerRank, queue, account, memory, time, extraArguments } = config;
  const script = scriptFileOf(job);
  return {
    ...{ name: job.attempt, script, quotedScript: shellText(script), condorScript: condorText(script) },
    ...{ log: logOf(job.runDirectory, job.attempt), directory: job.program.directory, queue, account, memory, time },
    extraArguments,
    ...numbers({
      workers: job.workers,
      nodes: ranks.nodes,
      ranksPerNode: ranks.perNode,
      cpusPerRank,
      coresPerNode: ranks.perNode * cpusPerRank,
      slots: job.workers * cpusPerRank,
      processes,
      coresPerProcess,
    }),
  };
}

function numbers(values: Record<string, number>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

/** Quotes one argument for HTCondor's `arguments` in the new style. */
function condorText(word: string): string {
  return `'${word.replaceAll("'", "''").replaceAll('"', '""').replaceAll('$', '$(DOLLAR)')}'`;
}

/** The script of a job: readable, complete, and the same text that `--dry-run` shows. */
export function schedulerScript(job: Job, config: SchedulerLauncherConfig, templates: Templates): string {
  const { directory } = job.program;
  return `${[
    '#!/bin/sh',
    `exec >> ${shellText(logOf(job.runDirectory, job.attempt))} 2>&1`,
    `asked=${shellText(askedFolder(job))}`,
    '[ -e "$asked/KILL" ] && exit 1',
    `mkdir ${shellText(begunMark(job))} || { echo "autopilot: this attempt has already begun, as another job"; exit 1; }`,
    `cd ${shellText(directory)} || exit 1`,
    '',
    ...Object.entries(rankEnvironment(job, config)).map(([name, value]) => `export ${name}=${shellText(value)}`),
    ...config.setup,
    '',
    ...processLines(job),
    '',
    ...startLines(job, config, templates),
    '',
    ...watchLines(job, config),
    '',
    ...endLines(job),
  ].join('\n')}\n`;
}

/**
 * Shell functions that find the job's processes on this node by their environment, as ranks may lead their own
 * sessions, and signal them. A program that starts its workers itself forwards a signal to them.
 */
function processLines(job: Job): string[] {
  const mark = `AUTOPILOT_RUN=${job.runDirectory}`;
  const ranks =
    job.program.start === 'once'
      ? 'ranks() { echo "$step"; }'
      : `ranks() { for pid in $(all); do grep -qszE '^(OMPI_COMM_WORLD_RANK|PMI_RANK|PMIX_RANK|FLUX_TASK_RANK)=' "/proc/$pid/environ" && echo "$pid"; done; }`;
  return [
    `mark=${shellText(mark)}`,
    // The search must not find itself.
    `all() { (unset AUTOPILOT_RUN; grep -lszxF -e "$mark" /proc/[0-9]*/environ | cut -d / -f 3); }`,
    ranks,
    // If no rank is on this node, mpirun forwards USR2 to the others.
    'ask() { pids=$(ranks); if [ -n "$pids" ]; then kill -s "$1" $pids; [ "$1" = TERM ] && kill -s CONT $pids; else kill -s USR2 "$step"; fi; }',
    'no_leftover() {',
    '  pids=$(all); [ -z "$pids" ] && return',
    '  kill -s TERM $pids; kill -s CONT $pids',
    '  for look in $(seq 50); do pids=$(all); [ -z "$pids" ] && return; sleep 0.1; done',
    '  kill -s KILL $pids',
    '}',
  ];
}

/** Starts the processes; a second job of this attempt never gets this far. */
function startLines(job: Job, config: SchedulerLauncherConfig, templates: Templates): string[] {
  const { program } = job;
  const words = program.command.map(shellText).join(' ');
  if (program.start === 'once') return [`${words} &`, 'step=$!'];
  const { hosts, start } = templates;
  return [
    ...(meets(job) ? meeting(job, config) : []),
    ...(hosts === undefined ? [] : hostLines(job, config, hosts)),
    `${start === undefined ? mpirunWords(job, config, hosts) : ownStart(job, config, start)} &`,
    'step=$!',
  ];
}

function ownStart(job: Job, config: SchedulerLauncherConfig, start: Template): string {
  const command = meets(job) ? ['sh', startScriptOf(job)] : job.program.command;
  return [...commandOf(start, valuesOf(job, config)), ...command].map(shellText).join(' ');
}

function mpirunWords(job: Job, config: SchedulerLauncherConfig, hosts: string | undefined): string {
  const { mpirun, environment, reproducible, heartbeatSeconds, stallSeconds } = config;
  const several = (config.nodes ?? 1) > 1;
  const mpi: MpiLauncherConfig = {
    ...{ kind: 'mpi', mpirun, environment, reproducible, heartbeatSeconds, stallSeconds, extraArguments: [] },
    ...(hosts === undefined ? {} : { hostfile: hostfileOf(job) }),
    ...(several ? { ranksPerHost: layoutOf(job, config).ranks.perNode } : {}),
  };
  return mpirunCommand(job, mpi).map(shellText).join(' ');
}

/** Writes the hosts in the format that this mpirun reads. */
function hostLines(job: Job, { mpirun }: SchedulerLauncherConfig, hosts: string): string[] {
  const line = mpiImplementationOf(mpirun) === 'mpich' ? '$1 ":" $2' : '$1 " slots=" $2';
  return [`{ ${hosts}; } | awk '{ print ${line} }' > ${shellText(hostfileOf(job))}`];
}

function meeting(job: Job, config: SchedulerLauncherConfig): string[] {
  const script = startScript(job, { layout: layoutOf(job, config).ranks, masterAddress: null }).trimEnd();
  const lines = script.split('\n');
  let end = 'AUTOPILOT';
  while (lines.includes(end)) end += '_';
  return [
    // The scheduler runs this script on the first node, where rank 0 is.
    `export MASTER_ADDR="$(hostname)"`,
    `cat > ${shellText(startScriptOf(job))} << '${end}'`,
    ...lines,
    end,
  ];
}

/** Forwards requests to the ranks: from files in the shared folder, from the scheduler's signals, or from the clock. */
function watchLines(job: Job, { checkpointMinutes }: SchedulerLauncherConfig): string[] {
  const { stop } = runDirectoryFiles(job.runDirectory);
  const clock =
    checkpointMinutes === undefined ? [] : ['[ "$seconds" -eq 0 ] && kill -s USR1 $$', 'seconds=$((seconds - 1))'];
  return [
    'warned=no',
    `on_warning() { warned=yes; echo "time limit" > ${shellText(stop)}; ask TERM; }`,
    'trap on_warning USR1',
    'trap "ended=TERM; ask TERM" TERM INT XCPU USR2',
    '(',
    // Its sleeps carry no mark, so that they are not taken for the job's processes.
    '  unset AUTOPILOT_RUN AUTOPILOT_ATTEMPT',
    '  trap - TERM USR1 INT XCPU USR2',
    ...(checkpointMinutes === undefined ? [] : [`  seconds=${Math.max(1, Math.round(checkpointMinutes * 60))}`]),
    '  while sleep 1; do',
    ...clock.map((line) => `    ${line}`),
    // Listing a folder makes a network file system refresh it.
    '    for signal in $(ls "$asked" 2> /dev/null); do',
    '      rm -f "$asked/$signal"',
    '      if [ "$signal" = KILL ]; then kill -s KILL $(all); else ask "$signal"; fi',
    '    done',
    '  done',
    ') &',
    'watcher=$!',
  ];
}

function endLines(job: Job): string[] {
  return [
    '# A trap interrupts wait.',
    'wait "$step"; code=$?',
    'while kill -0 "$step" 2> /dev/null; do wait "$step"; code=$?; done',
    'kill -s KILL "$watcher" 2> /dev/null',
    'no_leftover',
    // If a signal ended the job, the scheduler says why, unless the training was already complete.
    'if [ -n "$ended" ] && [ "$code" -ne 0 ]; then trap - TERM; kill -s TERM $$; fi',
    `[ "$warned" = yes ] && [ "$code" -ne 0 ] && code=${stoppedAtCheckpoint}`,
    `echo "$code" > ${shellText(`${exitMark(job)}.tmp`)} && mv ${shellText(`${exitMark(job)}.tmp`)} ${shellText(exitMark(job))}`,
    'exit "$code"',
  ];
}
