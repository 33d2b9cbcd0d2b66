/**
 * How k workers take one step together: synchronous data parallelism. Every process holds the same weights, computes
 * the gradients of its `batches`, and applies the same mean gradient. Adapters: `localFused`, `localExact`, MPI and
 * others. Each passes `strategyContract` (test/trainer/strategy-contract.ts).
 */
export interface DistributionStrategy {
  readonly name: string;
  /** Index of this process, 0-based. Process 0 writes events and checkpoints. */
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
  /**
   * True where every value is averaged plainly and each gradient is that of one worker: its squared norm is then sent
   * along as the first value, for the gradient noise. Left out: no norm is sent.
   */
  readonly plainMean?: boolean;
  /** In place: everyone gets process 0's values. */
  broadcast(values: Float32Array): Promise<void>;
  /**
   * One gradient per entry of `batches`, all of one length; they may be overwritten. Returns the mean over the k workers.
   * The last value is not a gradient: it is above 0 where a process wants to stop, and its mean must then be, too.
   */
  averageGradients(gradients: Float32Array[]): Promise<Float32Array>;
  /** `averageGradients` for one gradient still being filled, from end to start. Left out where it gains nothing. */
  averageWhileFilled?(gradient: Float32Array): GradientBeingFilled;
  /** Called after every step, for a heartbeat that counts them. */
  stepDone(): void;
  /** Sums over processes, in place; for the counts of metrics. */
  sum(values: Float64Array): Promise<void>;
  close(): Promise<void>;
}

export interface GradientBeingFilled {
  /** Says that everything from this index on is final and may be sent. */
  finalFrom(index: number): void;
  /** The mean, in place; called once everything is final. */
  mean(): Promise<Float32Array>;
}
