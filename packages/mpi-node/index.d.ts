/** Arrays that MPI can reduce and transfer. Their memory may be ordinary, shared or WebAssembly, but not resizable. */
export type MpiArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;
export type MpiFamily = 'openmpi' | 'mpich';
export type ReduceOperation = 'sum' | 'max' | 'min';

export interface AllreduceOptions {
  /** `sum` by default. */
  op?: ReduceOperation;
  /** Bytes reduced at a time, 64 to 2^30; 1 MiB by default, which was fastest from 2 ranks up. */
  bucketBytes?: number;
}

export interface SendReceive {
  send: MpiArray;
  to: number;
  receive: MpiArray;
  from: number;
  /** 0 to 32767; 0 by default. */
  tag?: number;
}

/** The calls, as promises or blocking. Every rank must make the same collective calls in the same order. */
interface Calls<Result> {
  barrier(): Result;
  /** Reduces in place: afterwards `array` holds the same numbers on every rank. */
  allreduce(array: MpiArray, options?: AllreduceOptions): Result;
  /** Copies the root's `array` (rank 0's by default) into that of every other rank. */
  broadcast(array: MpiArray, options?: { root?: number }): Result;
  /** Concatenates every rank's `send` in rank order. `receive` is `size` times as long as `send`. */
  allgather(send: MpiArray, receive: MpiArray): Result;
  /** Tags are 0 to 32767, 0 by default. */
  send(array: MpiArray, options: { to: number; tag?: number }): Result;
  /** Fills `array`; a message of another length is an error. */
  receive(array: MpiArray, options: { from: number; tag?: number }): Result;
  /** Sends and receives at the same time, so that a ring of ranks does not deadlock. */
  sendReceive(exchange: SendReceive): Result;
}

/** All ranks of this job. */
export interface Communicator extends Calls<Promise<void>> {
  readonly family: MpiFamily;
  /** What the MPI library calls itself. */
  readonly library: string;
  readonly rank: number;
  readonly size: number;
  /** MPI's thread level; 3 is MPI_THREAD_MULTIPLE. */
  readonly threadLevel: number;
  /** Leaves the job properly: every rank's last MPI call. Never call it from an exit handler. */
  finalize(): Promise<void>;
  /** Ends every rank at once; mpirun exits with `exitCode` (1 to 255). */
  abort(exitCode?: number): never;
  /** MPI's clock, in seconds. */
  seconds(): number;
  /** Blocking variants that run on the calling thread, for benchmarks; they refuse to overtake calls in flight. */
  readonly sync: Calls<void>;
}

/**
 * Joins the MPI job this process belongs to; without mpirun that is a job of one rank. Later calls return the same job.
 * Rejects with MpiUnavailableError, or with MpiSizeError when the job does not have `expectedSize` ranks.
 */
export function initialize(options?: { expectedSize?: number }): Promise<Communicator>;

export type MpiStatus =
  | { available: true; family: MpiFamily; library: string; families: MpiFamily[]; problems: string[] }
  | { available: false; reason: string; fix: string; families: MpiFamily[]; problems: string[] };

/** Whether MPI can be used here, with the reason and the fix when it cannot. Starts nothing. */
export function mpiStatus(): MpiStatus;

/** The MPI family whose launcher started this process, or null. */
export function launchedByMpi(): MpiFamily | null;

/** The environment without the variables of an MPI launcher, for a child process that uses MPI on its own. */
export function withoutMpiEnvironment(
  environment?: Record<string, string | undefined>,
): Record<string, string | undefined>;

/** MPI cannot be used here. */
export class MpiUnavailableError extends Error {
  readonly code: 'MPI_UNAVAILABLE';
  readonly reason: string;
  readonly fix: string;
}

/** The job's number of ranks is not the expected one. */
export class MpiSizeError extends Error {
  readonly code: 'MPI_SIZE';
  readonly expected: number;
  readonly actual: number;
}
