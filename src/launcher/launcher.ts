import type { ProgramStart } from '../config/command-start.ts';

/**
 * Starts, watches and stops the processes of one attempt. Adapters: `local`, `mpi`, `slurm`, `scheduler`. Each passes
 * `launcherContract` (test/launcher/launcher-contract.ts).
 */
export interface Launcher {
  /** The config's `launcher.kind`. */
  readonly name: string;
  /** Starts the processes; resolves once they are started or queued, with what is needed to find them again. */
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
  /** Never reused; every process has it in `AUTOPILOT_ATTEMPT`, and a queue shows it as the job's name. */
  attempt: string;
  /** Absolute; `AUTOPILOT_RUN`. Output goes to its `logs/`. */
  runDirectory: string;
  /** Number of ranks that train together: k, or fewer that play several workers each. */
  workers: number;
  program: Program;
  /** An archive that every node unpacks to a folder on its own disk before the ranks start; only for `slurm`. */
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
  /** How many times it is started: once, to start its k processes itself; once per node; or k times. */
  start: ProgramStart;
  /**
   * TCP port at which the processes of a user's command meet. With it every process gets RANK, WORLD_SIZE, …
   * (docs/trainer-protocol.md). Left out: they meet through MPI, or need not meet.
   */
  masterPort?: number;
}

/** Stored with the attempt as plain JSON; its fields are the launcher's own: `{ pid, … }`, `{ jobId }`. */
export type JobHandle = Record<string, unknown>;

export interface StartedJob {
  attempt: string;
  runDirectory: string;
  /** Null when the engine died before it could store the handle. */
  handle: JobHandle | null;
  /** Number of ranks it was started with. */
  workers: number;
}

export interface LaunchedJob {
  readonly handle: JobHandle;
  /** True while it waits in a queue: silence then means nothing. */
  readonly waiting?: () => boolean;
  /** What holds it up in the queue apart from waiting its turn, and the remedy, in words. */
  readonly heldUpBy?: () => string | null;
  /** Whether it keeps running when the engine is interrupted, for a later engine to find. */
  readonly outlivesEngine?: boolean;
  /** What its processes are busy with, in words, to locate a hang. Null if unknown. */
  readonly busyWith?: () => Promise<string | null>;
  /** Settles once no process of the job is left; never rejects. */
  readonly exited: Promise<ExitReport>;
  /** Asks it to end (SIGTERM), and kills it after `graceMs`. Resolves when no process is left. */
  stop(options: { graceMs: number }): Promise<void>;
  /** Kills it now. Resolves when no process is left. */
  kill(): Promise<void>;
}

/** How a job's processes ended, as far as the launcher knows. Whether the training succeeded is in its events. */
export type ExitReport =
  | { state: 'exited'; code: number }
  | { state: 'signalled'; signal: string }
  /** The kernel or the scheduler killed it for its memory use. */
  | { state: 'outOfMemory'; message: string }
  /** A rank or a node was lost; the others were stopped. */
  | { state: 'workersLost'; message: string }
  | { state: 'timeLimit'; message: string }
  /** The scheduler took the nodes away; the same job may run again later. */
  | { state: 'preempted'; message: string }
  /** Somebody other than autopilot removed it from the queue or ended it. */
  | { state: 'cancelled'; message: string }
  /** It never started: no such program, a rejected submission. */
  | { state: 'notStarted'; message: string }
  /** Gone without a known cause (the engine was no longer its parent). */
  | { state: 'gone' };
