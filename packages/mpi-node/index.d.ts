/** Numbers MPI can reduce and move. Memory may be ordinary, shared, or a WebAssembly memory's; not resizable. */
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
  /** Copies `array` of the root (rank 0 by default) into that of every other rank. */
  broadcast(array: MpiArray, options?: { root?: number }): Result;
  /** Puts every rank's `send` behind one another, in order of rank. `receive` is size times as long. */
  allgather(send: MpiArray, receive: MpiArray): Result;
  /** Tags are 0 to 32767, 0 by default. */
  send(array: MpiArray, options: { to: number; tag?: number }): Result;
  /** Fills `array`; a message of another length is an error. */
  receive(array: MpiArray, options: { from: number; tag?: number }): Result;
  /** Sends and receives at the same time, so that a ring of ranks does not wait for itself. */
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
  /** Leaves the job in order: the last MPI call of a rank, made by every rank. Never from an exit handler. */
  finalize(): Promise<void>;
  /** Ends every rank at once; mpirun exits with `exitCode` (1 to 255). */
  abort(exitCode?: number): never;
  /** MPI's clock, in seconds. */
  seconds(): number;
  /** Blocking variants that run on the calling thread, for benchmarks; they refuse to overtake calls in flight. */
  readonly sync: Calls<void>;
}

/**
 * Joins the MPI job this process belongs to; without mpirun that is a job of one rank. Asking again gives the same job.
 * Rejects with MpiUnavailableError, and with MpiSizeError when the job is not of `expectedSize`.
 */
export function initialize(options?: { expectedSize?: number }): Promise<Communicator>;

export type MpiStatus =
  | { available: true; family: MpiFamily; library: string; families: MpiFamily[]; problems: string[] }
  | { available: false; reason: string; fix: string; families: MpiFamily[]; problems: string[] };

/** Whether MPI can be used here, with the reason and the fix when it cannot. Starts nothing. */
export function mpiStatus(): MpiStatus;

/** The MPI family whose launcher started this process, or null. */
export function launchedByMpi(): MpiFamily | null;

/** The environment without what an MPI launcher put there: for a child that is to use MPI on its own. */
export function withoutMpiEnvironment(
  environment?: Record<string, string | undefined>,
): Record<string, string | undefined>;

/** MPI cannot be used here. */
export class MpiUnavailableError extends Error {
  readonly code: 'MPI_UNAVAILABLE';
  readonly reason: string;
  readonly fix: string;
}

/** The job has another number of ranks than was asked for. */
export class MpiSizeError extends Error {
  readonly code: 'MPI_SIZE';
  readonly expected: number;
  readonly actual: number;
}
