import type { Precision } from '../../../packages/tfjs-backend-autopilot/src/index.ts';

/** What a caller wants of the compute back end. */
export interface ComputeOptions {
  /** `auto`, or the name of one back end: `tensorflow-gpu`, `tensorflow`, `webgpu`, `native`, `embedded`, `cpu`. */
  backend: string;
  /** Threads of this process. */
  threads: number;
  /** Direct convolution only: a relative error of 1e-7 instead of 5e-6, about 1.5 times slower. */
  exact: boolean;
  /** Number format that convolutions and matrix products multiply in; only the native back end has `bf16`. */
  precision: Precision;
}

export type Probe = { state: 'usable'; detail: string } | { state: 'rejected'; reason: string };

/** One way to compute. `open` makes it TensorFlow.js's current back end, and is only called after a usable probe. */
export interface BackendCandidate {
  readonly name: string;
  probe(options: ComputeOptions): Promise<Probe>;
  open(options: ComputeOptions): Promise<void>;
}
