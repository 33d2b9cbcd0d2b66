import { join } from 'node:path';
import type { SlurmLauncherConfig } from '../../config/sections/launcher.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { count } from '../../domain/text/format.ts';
import { shellText } from '../../domain/text/shell-text.ts';
import { heartbeatDirectory } from '../../protocol/heartbeat-file.ts';
import { ownProgram } from '../../protocol/own-program.ts';
import { runDirectoryFiles } from '../../protocol/run-directory.ts';
import type { Job } from '../launcher.ts';
import { logOf } from '../local/launcher.ts';
import { rankEnvironment, rankLogs } from '../mpi/command.ts';
import { nodeLayout } from '../node-layout.ts';
import { meets, startScript, startScriptOf } from '../start-script.ts';

/** Exit code of a rank that was asked to stop, after it wrote a checkpoint: it asks to be run again. */
export const stoppedAtCheckpoint = 85;

/** A file whose presence tells the job's script not to put itself back into the queue. */
export function cancelMark({ runDirectory, attempt }: Pick<Job, 'runDirectory' | 'attempt'>): string {
  return join(runDirectory, 'logs', `${attempt}.cancel`);
}

/** Holds the exit code of a job's script, once it has ended for good. */
export function exitMark({ runDirectory, attempt }: Pick<Job, 'runDirectory' | 'attempt'>): string {
  return join(runDirectory, 'logs', `${attempt}.exit`);
}

/** The script a job is submitted with: readable, complete, and the same text that `--dry-run` shows. */
export function slurmScript(job: Job, config: SlurmLauncherConfig): string {
  return `${[
    '#!/bin/bash',
    ...directives(job, config).map(directiveLine),
    '',
    ...Object.entries(rankEnvironment(job, config)).map(([name, value]) => `export ${name}=${shellText(value)}`),
    '# With SBATCH_EXPORT=NONE in a profile, ranks would not know who they are.',
    'export SLURM_EXPORT_ENV=ALL',
    ...config.setup,
    '',
    ...leftover(job),
    ...restart(job, config),
    '',
    ...warning(job, config),
    '',
    ...broadcastLines(job),
    ...(job.program.masterPort === undefined ? [] : [tasksPerNode]),
    ...startLines(job, config),
    '',
    ...ending(job, config),
  ].join('\n')}\n`;
}

/** Lightning requires this variable, which Slurm sets only for jobs that ask for tasks per node. */
const tasksPerNode = `export SLURM_NTASKS_PER_NODE="\${SLURM_NTASKS_PER_NODE:-\${SLURM_TASKS_PER_NODE%%[(,]*}}"`;

/** Throws `slurm.line` for a line break, after which the shell or sbatch would read a line of its own. */
function directiveLine(option: string): string {
  if (/[\r\n]/.test(option)) {
    throw new AutopilotError(
      'slurm.line',
      `The sbatch option ${JSON.stringify(option)} holds a line break. Remove it from launcher, or rename the folder.`,
    );
  }
  return `#SBATCH ${option}`;
}

/** A value as sbatch reads it in a script: in double quotes where needed. */
function sbatchText(value: string): string {
  return /^[\w@%+=:,./()*&|[\]-]*$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** Tasks as Slurm counts them: one per rank, or one per node with the cores of all its ranks. */
function layout(job: Job, { nodes, ranksPerNode, cpusPerRank }: SlurmLauncherConfig) {
  const { workers, program } = job;
  if (program.start === 'perNode') {
    const ranks = nodeLayout({ workers, nodes, perNode: ranksPerNode });
    return { tasks: ranks.nodes, cpusPerTask: cpusPerRank * ranks.perNode, nodes: ranks.nodes, tasksPerNode: 1, ranks };
  }
  const ofCommand = program.start === 'once' && program.masterPort !== undefined;
  return {
    tasks: workers,
    cpusPerTask: cpusPerRank,
    // A user's command that starts its workers itself has them all on its own node.
    nodes: ofCommand ? 1 : nodes,
    tasksPerNode: ofCommand ? undefined : ranksPerNode,
    ranks: nodeLayout({ workers }),
  };
}

function directives(job: Job, config: SlurmLauncherConfig): string[] {
  const { tasks, cpusPerTask, nodes, tasksPerNode } = layout(job, config);
  const optional: [string, string | number | undefined][] = [
    ['account', config.account],
    ['partition', config.partition],
    ['qos', config.qos],
    ['gres', config.gres],
    ['constraint', config.constraint],
    ['nodes', nodes],
    ['ntasks-per-node', tasksPerNode],
    ['mem', config.memory],
    ['time', config.time],
  ];
  return [
    `--job-name=${job.attempt}`,
    `--ntasks=${tasks}`,
    `--cpus-per-task=${cpusPerTask}`,
    ...optional.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${sbatchText(String(value))}`])),
    `--chdir=${sbatchText(job.program.directory)}`,
    `--output=${sbatchText(logOf(job.runDirectory, job.attempt).replaceAll('%', '%%'))}`,
    '--open-mode=append',
    '--requeue',
    `--signal=B:USR1@${config.warnSeconds}`,
    ...config.extraArguments,
  ];
}

/**
 * Ends this run's leftover processes on the job's nodes, before the training starts and after it: workers that lead
 * their own sessions outlive the process that started them where Slurm does not track them by cgroups.
 */
function leftover(job: Job): string[] {
  const file = join(job.runDirectory, 'logs', `${job.attempt}.leftover.sh`);
  const sweep = [
    `mark=${shellText(`AUTOPILOT_RUN=${job.runDirectory}`)}`,
    'left() { grep -lszxF -e "$mark" /proc/[0-9]*/environ | cut -d / -f 3; }',
    'pids=$(left)',
    '[ -z "$pids" ] && exit 0',
    'kill -s TERM $pids; kill -s CONT $pids',
    'for look in $(seq 50); do pids=$(left); [ -z "$pids" ] && exit 0; sleep 0.1; done',
    'kill -s KILL $pids',
  ];
  return [
    ...heredoc(file, sweep.join('\n')),
    'no_leftover() { (',
    // Neither the searching shell nor srun must find itself.
    '  unset AUTOPILOT_RUN',
    `  if [ "\${SLURM_JOB_NUM_NODES:-1}" -eq 1 ]; then sh ${shellText(file)}`,
    `  else srun --overlap --mpi=none --ntasks="$SLURM_JOB_NUM_NODES" --ntasks-per-node=1 sh ${shellText(file)}; fi`,
    ') > /dev/null 2>&1; }',
    'no_leftover',
    '',
  ];
}

/** Lines that write a file, whatever its text holds. */
function heredoc(file: string, text: string): string[] {
  const lines = text.split('\n');
  let end = 'AUTOPILOT';
  while (lines.includes(end)) end += '_';
  return [`cat > ${shellText(file)} << '${end}'`, ...lines, end];
}

/** After a requeue (time limit, preemption, lost node) the training continues from its last checkpoint. */
function restart(job: Job, { requeues }: SlurmLauncherConfig): string[] {
  const files = runDirectoryFiles(job.runDirectory);
  return [
    `rm -f ${shellText(exitMark(job))}`,
    `restarts=\${SLURM_RESTART_COUNT:-0}`,
    'if [ "$restarts" -gt 0 ]; then',
    `  [ "$restarts" -gt ${requeues} ] && { echo "autopilot: restarted ${count(requeues, 'time')}, which is the limit"; exit ${stoppedAtCheckpoint}; }`,
    `  rm -rf ${shellText(files.stop)} ${shellText(heartbeatDirectory(job.runDirectory, job.attempt))}`,
    `  ${ownProgram('launcher/slurm/resume-main').map(shellText).join(' ')} || exit 1`,
    'fi',
  ];
}

/**
 * Before the time limit Slurm sends USR1 to this shell, which asks the training for a checkpoint. `scancel` reaches the
 * job's steps, but not a command that starts its workers itself, a child of this shell: for it the launcher sends USR2.
 */
function warning(job: Job, { warnSeconds }: SlurmLauncherConfig): string[] {
  const { stop } = runDirectoryFiles(job.runDirectory);
  const once = job.program.start === 'once';
  const ask = once ? 'kill -s TERM "$step"' : 'scancel --signal=TERM "$SLURM_JOB_ID"';
  return [
    'step=',
    'warned=no',
    'on_warning() {',
    '  warned=yes',
    `  echo "time limit" > ${shellText(stop)}`,
    `  ( sleep ${Math.floor(warnSeconds / 2)}; ${ask} ) > /dev/null 2>&1 &`,
    '}',
    'trap on_warning USR1',
    ...(once ? [`on_end() { [ -n "$step" ] && ${ask}; }`, 'trap on_end USR2'] : []),
  ];
}

/** Copies the study's files to every node's own disk, where the ranks verify them. */
function broadcastLines({ broadcast }: Job): string[] {
  if (!broadcast) return [];
  const [archive, root, copy] = [broadcast.archive, broadcast.root, `${broadcast.root}.tar`].map(shellText);
  return [
    `on_every_node() { srun --ntasks="$SLURM_JOB_NUM_NODES" --ntasks-per-node=1 "$@"; }`,
    `on_every_node mkdir -p ${root} && sbcast --force ${archive} ${copy} && on_every_node tar -x -f ${copy} -C ${root} \\`,
    `  || { echo "autopilot: the study's files did not reach every node"; exit 1; }`,
    `remove_copies() { on_every_node rm -rf ${root} ${copy} > /dev/null 2>&1; }`,
    'trap remove_copies EXIT',
    '',
  ];
}

function startLines(job: Job, config: SlurmLauncherConfig): string[] {
  const command = job.program.command.map(shellText).join(' ');
  if (job.program.start === 'once') return [`${command} &`, 'step=$!'];
  const program = meets(job) ? `sh ${shellText(startScriptOf(job))}` : command;
  const logs = rankLogs(job);
  const { tasks, cpusPerTask } = layout(job, config);
  // -K1: without it a job whose rank was killed would run on forever. srun does not inherit sbatch's cores per task.
  const srun = (mpi: string) =>
    `srun -K1 --mpi=${mpi} --ntasks=${tasks} --cpus-per-task=${cpusPerTask} ${tasks > 1 ? '--label ' : ''}${program} &`;
  if (job.program.start === 'perNode') return [...meeting(job, config), srun('none'), 'step=$!'];
  const root = process.getuid?.() === 0 ? '--allow-run-as-root ' : '';
  const mpirun = `mpirun ${root}--bind-to none --output-filename ${shellText(logs)} ${program} &`;
  // A user's command need not use MPI at all.
  const without = meets(job) ? ['elif ! command -v mpirun > /dev/null; then', `  ${srun('none')}`] : [];
  const start = {
    srun: [srun(meets(job) ? '"$(srun --mpi=list 2>&1 | grep -owm1 pmix || echo none)"' : 'pmix')],
    mpirun: [mpirun],
    auto: [
      'if srun --mpi=list 2>&1 | grep -qw pmix; then',
      `  ${srun('pmix')}`,
      ...without,
      'else',
      '  # This Slurm has no PMIx: mpirun finds the nodes of the job by itself.',
      `  ${mpirun}`,
      'fi',
    ],
  }[config.start];
  return [...(meets(job) ? meeting(job, config) : []), ...start, 'step=$!'];
}

/** The start script of a user's command, and the node where its processes meet: that of rank 0. */
function meeting(job: Job, config: SlurmLauncherConfig): string[] {
  const script = startScript(job, { layout: layout(job, config).ranks, masterAddress: null });
  return [
    'export MASTER_ADDR="$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)"',
    ...heredoc(startScriptOf(job), script.trimEnd()),
  ];
}

function ending(job: Job, { requeues }: SlurmLauncherConfig): string[] {
  const { events } = runDirectoryFiles(job.runDirectory);
  return [
    '# The trap interrupts wait.',
    'wait "$step"; code=$?',
    'while kill -0 "$step" 2> /dev/null; do wait "$step"; code=$?; done',
    'no_leftover',
    `finished() { tail -n 20 ${shellText(events)} | grep -Eq '"type" *: *"finished"'; }`,
    `if { [ "$warned" = yes ] || [ "$code" = ${stoppedAtCheckpoint} ]; } && ! finished \\`,
    `  && [ ! -e ${shellText(cancelMark(job))} ] && [ "$restarts" -lt ${requeues} ]; then`,
    '  echo "autopilot: stopped at a checkpoint, back into the queue"',
    '  scontrol requeue "$SLURM_JOB_ID" && sleep 60',
    'fi',
    `echo "$code" > ${shellText(exitMark(job))}`,
    'exit "$code"',
  ];
}
