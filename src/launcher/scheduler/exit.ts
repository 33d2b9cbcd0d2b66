import { heartbeatDirectory, readHeartbeats } from '../../protocol/heartbeat-file.ts';
import type { ExitReport, Job } from '../launcher.ts';
import { logOf } from '../local/launcher.ts';
import { rankLogs } from '../mpi/command.ts';
import { mpiExit } from '../mpi/exit.ts';
import { memoryComplaint } from '../processes/out-of-memory.ts';
import type { QueueEntry } from './queue.ts';

export interface CodeOptions {
  /** Exit code of the job's script. */
  code: number;
  job: Pick<Job, 'runDirectory' | 'attempt'>;
  /** Whether it is mpirun's exit code. */
  ranks: boolean;
  /** Whether autopilot itself ended the job. */
  ended: boolean;
}

/** Exit code of a rank that was asked to stop, after it wrote a checkpoint. */
const stoppedAtCheckpoint = 85;

/** How a job ended, from the exit code of its script. */
export function exitOfCode({ code, job, ranks, ended }: CodeOptions): ExitReport {
  if (code === stoppedAtCheckpoint && !ended) {
    return { state: 'timeLimit', message: 'the job was warned, and stopped at a checkpoint' };
  }
  const log = logOf(job.runDirectory, job.attempt);
  if (ranks && code !== 0) {
    const heartbeats = readHeartbeats(heartbeatDirectory(job.runDirectory, job.attempt));
    const logs = rankLogs(job);
    return mpiExit({ code, signal: null, log, rankLogs: logs, lost: null, killedForMemory: false, heartbeats });
  }
  const complaint = code === 0 ? null : memoryComplaint(log);
  return complaint === null ? { state: 'exited', code } : { state: 'outOfMemory', message: complaint };
}

export interface StateOptions {
  entry: Extract<QueueEntry, { known: true }>;
  jobId: string;
  ended: boolean;
}

/** How a job that left no exit code ended, from the last state that its scheduler reported. */
export function exitOfState({ entry: { meaning, state }, jobId, ended }: StateOptions): ExitReport {
  const job = `job ${jobId} (the scheduler says: ${state})`;
  switch (meaning) {
    case 'cancelled':
      if (ended) return { state: 'signalled', signal: 'SIGTERM' };
      return { state: 'cancelled', message: `${job} was cancelled from outside` };
    case 'timeLimit':
      return {
        state: 'timeLimit',
        message: `${job} ended at its time limit. Raise launcher.time, or set launcher.checkpointMinutes`,
      };
    case 'outOfMemory':
      return { state: 'outOfMemory', message: `${job} was killed for exceeding its memory. Raise launcher.memory` };
    case 'workersLost':
      return { state: 'workersLost', message: `a node of ${job} failed` };
    default:
      return ended ? { state: 'signalled', signal: 'SIGKILL' } : { state: 'gone' };
  }
}
