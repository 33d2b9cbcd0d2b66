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
  /**
   * True where the mean is the plain one of each value, and a gradient is that of one worker: its squared norm then rides along as the
   * first value, for the gradient noise. Left out: nothing rides along.
   */
  readonly plainMean?: boolean;
  /** In place: everyone gets process 0's values. */
  broadcast(values: Float32Array): Promise<void>;
  /**
   * One gradient per entry of `batches`, all of one length; they may be overwritten. Returns the mean over the k workers.
   * The last value is no gradient: it is above 0 where a process wants to stop, and so must its mean be.
   */
  averageGradients(gradients: Float32Array[]): Promise<Float32Array>;
  /** The same of one gradient that is still being filled, from its end to its start. Left out where it gains nothing. */
  averageWhileFilled?(gradient: Float32Array): GradientBeingFilled;
  /** Called after every step, for a heartbeat that counts them. */
  stepDone(): void;
  /** In place: the sum over processes. For metrics (confusion counts, losses). */
  sum(values: Float64Array): Promise<void>;
  close(): Promise<void>;
}

export interface GradientBeingFilled {
  /** Everything from this index on is final, and may be on its way. */
  finalFrom(index: number): void;
  /** Once everything is final. In place. */
  mean(): Promise<Float32Array>;
}
