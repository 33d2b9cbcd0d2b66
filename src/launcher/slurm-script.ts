import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SlurmLauncherConfig } from '../config/launcher.ts';
import { heartbeatDirectory } from '../protocol/heartbeat-file.ts';
import { runDirectoryFiles } from '../protocol/run-directory.ts';
import type { Job } from './launcher.ts';
import { logOf } from './local.ts';
import { rankEnvironment, rankLogs } from './mpi-command.ts';
import { shellText } from './shell-text.ts';

/** A rank ends with this code after it wrote a checkpoint because it was asked to stop: please run me again. */
export const stoppedAtCheckpoint = 85;

/** Its presence tells the job's script not to put itself back into the queue. */
export function cancelMark({ runDirectory, attempt }: Pick<Job, 'runDirectory' | 'attempt'>): string {
  return join(runDirectory, 'logs', `${attempt}.cancel`);
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
    ...startLines(job, config),
    '',
    ...ending(job, config),
  ].join('\n')}\n`;
}

function directives(job: Job, config: SlurmLauncherConfig): string[] {
  const optional: [string, string | number | undefined][] = [
    ['account', config.account],
    ['partition', config.partition],
    ['qos', config.qos],
    ['gres', config.gres],
    ['constraint', config.constraint],
    ['nodes', config.nodes],
    ['ntasks-per-node', config.ranksPerNode],
    ['mem', config.memory],
    ['time', config.time],
  ];
  return [
    `--job-name=${job.attempt}`,
    `--ntasks=${job.workers}`,
    `--cpus-per-task=${config.cpusPerRank}`,
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
    `  [ "$restarts" -gt ${requeues} ] && { echo "autopilot: restarted ${requeues} times, which is the limit"; exit 1; }`,
    `  rm -rf ${shellText(files.stop)} ${shellText(heartbeatDirectory(job.runDirectory, job.attempt))}`,
    `  ${resumeProgram().map(shellText).join(' ')} || exit 1`,
    '  # The earlier step may still be on its way out, under the same number.',
    '  sleep 10',
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

function startLines(job: Job, config: SlurmLauncherConfig): string[] {
  const program = job.program.command.map(shellText).join(' ');
  if (job.program.startsWorkers) return [`${program} &`, 'step=$!'];
  const logs = rankLogs(job);
  // -K1: without it a job whose rank was killed runs on for good.
  const srun = `srun -K1 --mpi=pmix ${job.workers > 1 ? '--label ' : ''}${program} &`;
  const root = process.getuid?.() === 0 ? '--allow-run-as-root ' : '';
  const mpirun = `mpirun ${root}--bind-to none --output-filename ${shellText(logs)} ${program} &`;
  const start = {
    srun: [srun],
    mpirun: [mpirun],
    auto: [
      'if srun --mpi=list 2>&1 | grep -qw pmix; then',
      `  ${srun}`,
      'else',
      '  # This Slurm has no PMIx: mpirun finds the nodes of the job by itself.',
      `  ${mpirun}`,
      'fi',
    ],
  }[config.start];
  return [...start, 'step=$!'];
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
    'exit "$code"',
  ];
}

function resumeProgram(): string[] {
  const source = import.meta.url.endsWith('.ts');
  const file = fileURLToPath(new URL(`./slurm-resume.${source ? 'ts' : 'js'}`, import.meta.url));
  return [process.execPath, ...(source ? ['--import', import.meta.resolve('tsx')] : []), file];
}
