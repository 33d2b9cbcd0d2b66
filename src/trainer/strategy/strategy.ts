/**
 * How k workers become one step: synchronous data parallelism. Every process holds the same weights, computes the
 * gradients of its `batches`, and applies the same mean gradient. Adapters: `localFused`, `localExact`; MPI and
 * others. Each passes `strategyContract` (test/trainer/strategy-contract.ts).
 */
export interface DistributionStrategy {
  readonly name: string;
  /** This process among the processes, 0-based. Process 0 writes events and checkpoints. */
  readonly process: number;
  readonly processes: number;
  /** k. */
  readonly workers: number;
  /** The ranks this process plays: one gradient is computed for each entry, over the slices of all its ranks. */
  readonly batches: readonly (readonly number[])[];
  /**
   * True when the only gradient computed here already is the mean over all workers: the loop then leaves it on the
   * device and does not call `averageGradients`.
   */
  readonly alone: boolean;
  /** In place: everyone gets process 0's values. */
  broadcast(values: Float32Array): Promise<void>;
  /** One gradient per entry of `batches`, all of one length; they may be overwritten. Returns the mean over the k workers. */
  averageGradients(gradients: Float32Array[]): Promise<Float32Array>;
  /** In place: the sum over processes. For metrics (confusion counts, losses). */
  sum(values: Float64Array): Promise<void>;
  /** True everywhere as soon as any process says true. Called once a step. */
  agreeToStop(wanted: boolean): Promise<boolean>;
  close(): Promise<void>;
}
