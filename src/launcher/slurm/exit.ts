import { constants } from 'node:os';
import type { ExitReport } from '../launcher.ts';
import { memoryComplaint } from '../processes/out-of-memory.ts';
import type { QueueEntry } from './queue.ts';
import { stoppedAtCheckpoint } from './script.ts';

export interface SlurmExitOptions {
  entry: Extract<QueueEntry, { known: true }>;
  jobId: string;
  log: string;
  /** Whether autopilot itself ended the job. */
  ended: boolean;
  /** The launcher's reason when it ended the job for a lost rank. */
  lost: string | null;
}

/** States in which a job is not over: it waits, runs, or is on its way back into the queue. */
const ongoing = new Set([
  'PENDING',
  'RUNNING',
  'CONFIGURING',
  'COMPLETING',
  'SUSPENDED',
  'STOPPED',
  'SIGNALING',
  'STAGE_OUT',
  'RESIZING',
  'REQUEUED',
  'REQUEUE_HOLD',
  'REQUEUE_FED',
  'SPECIAL_EXIT',
  'RESV_DEL_HOLD',
]);

export function isOver(state: string): boolean {
  return !ongoing.has(state);
}

/** How a job ended, from the last state that Slurm reported. */
export function slurmExit({ entry, jobId, log, ended, lost }: SlurmExitOptions): ExitReport {
  const { state, exitCode, signal, reason } = entry;
  if (ended && exitCode === stoppedAtCheckpoint) return { state: 'exited', code: exitCode };
  if (lost !== null) return { state: 'workersLost', message: lost };
  switch (state) {
    case 'COMPLETED':
      return { state: 'exited', code: 0 };
    case 'TIMEOUT':
    case 'DEADLINE':
      return {
        state: 'timeLimit',
        message: `Slurm job ${jobId} ended at its time limit. Raise launcher.time or launcher.requeues`,
      };
    case 'PREEMPTED':
      return { state: 'preempted', message: `Slurm took job ${jobId}'s nodes for another job` };
    case 'NODE_FAIL':
    case 'BOOT_FAIL':
      return { state: 'workersLost', message: `a node of Slurm job ${jobId} failed` };
    case 'OUT_OF_MEMORY':
      return {
        state: 'outOfMemory',
        message: `Slurm killed job ${jobId} for exceeding its memory. Raise launcher.memory`,
      };
    case 'CANCELLED':
      if (ended) return { state: 'signalled', signal: 'SIGTERM' };
      return {
        state: 'cancelled',
        message: `Slurm job ${jobId} was cancelled from outside (scancel, or the administrator)`,
      };
    default:
      return failedJob({ exitCode, signal, reason, log });
  }
}

function failedJob({
  exitCode,
  signal,
  reason,
  log,
}: {
  exitCode: number;
  signal: number;
  reason: string;
  log: string;
}): ExitReport {
  const complaint = memoryComplaint(log);
  if (complaint !== null) return { state: 'outOfMemory', message: complaint };
  if (reason === 'JobLaunchFailure') return { state: 'notStarted', message: `Slurm could not launch it; see ${log}` };
  if (signal > 0) return { state: 'signalled', signal: signalName(signal) };
  return exitOfCode(exitCode);
}

/** How a job ended, from the exit code of its script. */
export function exitOfCode(code: number): ExitReport {
  if (!Number.isInteger(code)) return { state: 'gone' };
  if (code === stoppedAtCheckpoint) {
    const message = 'the job was warned, and stopped at a checkpoint. Raise launcher.time or launcher.requeues';
    return { state: 'timeLimit', message };
  }
  // srun -K1 turns a killed rank into 128 + SIGKILL, and ends the other ranks.
  if (code === 137) return { state: 'workersLost', message: 'a rank was killed (SIGKILL), and Slurm ended the others' };
  return { state: 'exited', code };
}

function signalName(signal: number): string {
  return Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? `signal ${signal}`;
}
