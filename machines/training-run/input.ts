/** What the chart of one run needs to know. Plain JSON. */
export interface TrainingRunInput {
  /** E. */
  epochs: number;
  /** W. */
  warmupEpochs: number;
  /** D. */
  decayEpochs: number;
  /** The metric whose zero means that nothing was learned. */
  primaryMetric: string;
  divergence: {
    /** Diverged when the loss exceeds this many times the first epoch's. */
    lossFactor: number;
    /** Diverged when the primary metric is zero for this many epochs in a row after warmup. */
    zeroEpochs: number;
  };
  /** How long a run may be silent, in milliseconds. */
  limits: { launchMs: number; silenceMs: number };
  /** When its processes were started, milliseconds since 1970. */
  launchedAtMs: number;
}

/** What is heard of a run; `atMs` is when autopilot read it. */
export type TrainingRunEvent = { atMs: number } & (
  | { type: 'run.started' }
  | { type: 'run.heartbeat' }
  | { type: 'run.epoch'; epoch: number; loss?: number | undefined; metrics?: Record<string, number> | undefined }
  | { type: 'run.evaluated' }
  | { type: 'run.finished' }
  | { type: 'run.diverged'; reason: string }
  | { type: 'run.failed'; reason: string }
);
