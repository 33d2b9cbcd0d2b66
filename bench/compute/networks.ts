/** A U-Net for two classes: `width` channels at full resolution, doubled at each of `depth` - 1 halvings, images of `side` pixels. */
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
  /** A back end, after it `layers` for tf.layers, `bf16` and `replayed`; `torch`, after it `cuda`, `bf16`, `compile` and `channels_last`. */
  variant: string;
  /** Milliseconds of steps that do not count, two steps at least. */
  warmupMs: number;
  /** Milliseconds to measure for. */
  measureMs: number;
  /** Times every kernel, which makes the steps a little slower. Our own back ends only. */
  profile?: boolean;
}

/** What the child prints, one JSON line. */
export interface StepReport {
  parameters: number;
  /** Wall-clock milliseconds of each step. */
  wallMs: number[];
  /** Processor milliseconds per step, all threads together. */
  cpuMs: number;
  /** Resident memory at its highest, MiB. */
  memoryMiB: number;
  version: string;
  /** Milliseconds and calls of each kernel per step, where a profile was asked for. */
  profile?: { kernel: string; calls: number; ms: number }[];
}
