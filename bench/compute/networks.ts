/** A two-class U-Net on images of `side` pixels: `width` channels, doubled at each of `depth` - 1 halvings. */
export interface Network {
  name: string;
  width: number;
  depth: number;
  side: number;
}

/** From a network that a laptop trains in seconds to the U-Net of Ronneberger et al. (2015). */
export const networks: readonly Network[] = [
  { name: '0.06M', width: 12, depth: 3, side: 64 },
  { name: '0.12M', width: 16, depth: 3, side: 64 },
  { name: '2M', width: 32, depth: 4, side: 128 },
  { name: '31M', width: 64, depth: 5, side: 128 },
];

/** One measurement: what a child process is asked to do. */
export interface StepRequest extends Network {
  batch: number;
  threads: number;
  /**
   * A back end, then any of `layers` (tf.layers), `bf16` and `replayed`; or `torch`, then any of `cuda`, `bf16`,
   * `compile` and `channels_last`.
   */
  variant: string;
  /** Milliseconds of steps that are not measured, at least two steps. */
  warmupMs: number;
  /** Milliseconds to measure for. */
  measureMs: number;
  /** Times every kernel, which slows the steps a little. Only for our own back ends. */
  profile?: boolean;
}

/** What the child prints, as one JSON line. */
export interface StepReport {
  parameters: number;
  /** Wall-clock milliseconds of each step. */
  wallMs: number[];
  /** Processor milliseconds per step, all threads together. */
  cpuMs: number;
  /** Peak resident memory, MiB. */
  memoryMiB: number;
  version: string;
  /** Milliseconds and calls of each kernel per step, if `profile` was requested. */
  profile?: { kernel: string; calls: number; ms: number }[];
}
