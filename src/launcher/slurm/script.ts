import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SlurmLauncherConfig } from '../../config/launcher.ts';
import { shellText } from '../../domain/shell-text.ts';
import { heartbeatDirectory } from '../../protocol/heartbeat-file.ts';
import { runDirectoryFiles } from '../../protocol/run-directory.ts';
import type { Job } from '../launcher.ts';
import { logOf } from '../local/launcher.ts';
import { rankEnvironment, rankLogs } from '../mpi/command.ts';
import { nodeLayout } from '../node-layout.ts';
import { meets, startScript, startScriptOf } from '../start-script.ts';

/** A rank ends with this code after it wrote a checkpoint because it was asked to stop: please run me again. */
export const stoppedAtCheckpoint = 85;

/** Its presence tells the job's script not to put itself back into the queue. */
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
    ...directives(job, config).map((option) => `#SBATCH ${option}`),
    '',
    ...Object.entries(rankEnvironment(job, config)).map(([name, value]) => `export ${name}=${shellText(value)}`),
    ...config.setup,
    '',
    ...restart(job, config),
    '',
    ...warning(job, config),
    '',
    ...broadcastLines(job),
    ...startLines(job, config),
    '',
    ...ending(job, config),
  ].join('\n')}\n`;
}

/** Tasks as Slurm counts them: ranks, or one per node that has the cores of its ranks. */
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
    ...optional.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`])),
    `--chdir=${job.program.directory}`,
    `--output=${logOf(job.runDirectory, job.attempt)}`,
    '--open-mode=append',
    '--requeue',
    `--signal=B:USR1@${config.warnSeconds}`,
    ...config.extraArguments,
  ];
}

/** After a requeue (time limit, preemption, lost node) the training goes on from its last checkpoint. */
function restart(job: Job, { requeues }: SlurmLauncherConfig): string[] {
  const files = runDirectoryFiles(job.runDirectory);
  return [
    `restarts=\${SLURM_RESTART_COUNT:-0}`,
    'if [ "$restarts" -gt 0 ]; then',
    `  [ "$restarts" -gt ${requeues} ] && { echo "autopilot: restarted ${requeues} times, which is the limit"; exit ${stoppedAtCheckpoint}; }`,
    `  rm -rf ${shellText(files.stop)} ${shellText(heartbeatDirectory(job.runDirectory, job.attempt))}`,
    `  ${resumeProgram().map(shellText).join(' ')} || exit 1`,
    'fi',
  ];
}

/** Slurm sends USR1 to this shell before the time limit: the training is asked for a checkpoint. */
function warning(job: Job, { warnSeconds }: SlurmLauncherConfig): string[] {
  const { stop } = runDirectoryFiles(job.runDirectory);
  return [
    'warned=no',
    'on_warning() {',
    '  warned=yes',
    `  echo "time limit" > ${shellText(stop)}`,
    `  ( sleep ${Math.floor(warnSeconds / 2)}; scancel --signal=TERM "$SLURM_JOB_ID" ) > /dev/null 2>&1 &`,
    '}',
    'trap on_warning USR1',
  ];
}

/** The study's files onto every node's own disk; the ranks verify them there. */
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
  // -K1: without it a job whose rank was killed runs on for good. srun does not take sbatch's cores per task over.
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

/** The start script of a user's command, and the node at which its processes meet: that of rank 0. */
function meeting(job: Job, config: SlurmLauncherConfig): string[] {
  const script = startScript(job, { layout: layout(job, config).ranks, masterAddress: null });
  return [
    'export MASTER_ADDR="$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)"',
    `cat > ${shellText(startScriptOf(job))} << 'AUTOPILOT'`,
    script.trimEnd(),
    'AUTOPILOT',
  ];
}

function ending(job: Job, { requeues }: SlurmLauncherConfig): string[] {
  const { events } = runDirectoryFiles(job.runDirectory);
  return [
    '# The trap interrupts wait.',
    'wait "$step"; code=$?',
    'while kill -0 "$step" 2> /dev/null; do wait "$step"; code=$?; done',
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

function resumeProgram(): string[] {
  const source = import.meta.url.endsWith('.ts');
  const file = fileURLToPath(new URL(`./resume.${source ? 'ts' : 'js'}`, import.meta.url));
  return [process.execPath, ...(source ? ['--import', import.meta.resolve('tsx')] : []), file];
}
