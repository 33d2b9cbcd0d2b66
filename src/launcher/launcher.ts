import type { ProgramStart } from '../config/command-start.ts';

/**
 * How the processes of one attempt are started, watched and stopped. Adapters: `local`, `mpi`, `slurm`, `scheduler`. Each passes
 * `launcherContract` (test/launcher/launcher-contract.ts).
 */
export interface Launcher {
  /** The config's `launcher.kind`. */
  readonly name: string;
  /** Starts the processes; resolves as soon as they are (or are queued), with what is needed to find them again. */
  start(job: Job): Promise<LaunchedJob>;
  /**
   * Finds a job that an earlier engine started: by its handle, or by its unique name when the engine died before it
   * could store the handle. Null when no process (or queue entry) of it is left.
   */
  attach(job: StartedJob): Promise<LaunchedJob | null>;
  /** What `start` would submit, as text: for `run --dry-run`. */
  describe(job: Job): string;
}

export interface Job {
  /** Unique for good; every process has it in `AUTOPILOT_ATTEMPT`, and a queue shows it as the job's name. */
  attempt: string;
  /** Absolute; `AUTOPILOT_RUN`. Output goes to its `logs/`. */
  runDirectory: string;
  /** How many ranks train together: k, or fewer that play several workers each. */
  workers: number;
  program: Program;
  /** An archive that every node unpacks to a folder on its own disk before the ranks start; `slurm` alone knows it. */
  broadcast?: { archive: string; root: string } | null;
}

/** What one rank (or, for `local`, the one process) executes. */
export interface Program {
  /** Executable and arguments; never passed through a shell. */
  command: readonly string[];
  /** Absolute working directory. */
  directory: string;
  /** Added to the engine's own environment. */
  environment: Readonly<Record<string, string>>;
  /** How often it is started: once, and it starts its k processes itself; on each node; or k times. */
  start: ProgramStart;
  /**
   * TCP port at which the processes of a user's command meet. With it every process is told who it is: RANK,
   * WORLD_SIZE, … (docs/trainer-protocol.md). Left out: they meet by MPI, or need not.
   */
  masterPort?: number;
}

/** What is stored with the attempt. Plain JSON; its fields are the launcher's own: `{ pid, … }`, `{ jobId }`. */
export type JobHandle = Record<string, unknown>;

export interface StartedJob {
  attempt: string;
  runDirectory: string;
  /** Null when the engine died between its intent and the launch. */
  handle: JobHandle | null;
  /** Ranks, as it was started. */
  workers: number;
}

export interface LaunchedJob {
  readonly handle: JobHandle;
  /** True while it waits in a queue: silence then means nothing. */
  readonly waiting?: () => boolean;
  /** What holds it up in the queue beyond waiting for its turn, and what ends that, in words. */
  readonly heldUpBy?: () => string | null;
  /** Interrupting the engine leaves it alone: a later engine finds it again. */
  readonly outlivesEngine?: boolean;
  /** What its processes are busy with, in words: where a hang is. Null where nobody can tell. */
  readonly busyWith?: () => Promise<string | null>;
  /** Settles once no process of the job is left; never rejects. */
  readonly exited: Promise<ExitReport>;
  /** Asks it to end (SIGTERM), and ends it after `graceMs`. Resolves when no process is left. */
  stop(options: { graceMs: number }): Promise<void>;
  /** Ends it now. Resolves when no process is left. */
  kill(): Promise<void>;
}

/** How a job's processes ended, as far as the launcher can know. Whether the training succeeded, its events say. */
export type ExitReport =
  | { state: 'exited'; code: number }
  | { state: 'signalled'; signal: string }
  /** The kernel or the scheduler ended it for its memory. */
  | { state: 'outOfMemory'; message: string }
  /** A rank or a node was lost; the others were stopped. */
  | { state: 'workersLost'; message: string }
  | { state: 'timeLimit'; message: string }
  /** The scheduler took the nodes away; the same job may run again later. */
  | { state: 'preempted'; message: string }
  /** Somebody took it out of the queue, or ended it there, behind autopilot's back. */
  | { state: 'cancelled'; message: string }
  /** It never started: no such program, a rejected submission. */
  | { state: 'notStarted'; message: string }
  /** Gone, and nobody saw how (the engine was not its parent any more). */
  | { state: 'gone' };
