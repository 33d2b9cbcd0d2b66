import os from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendCandidate, ComputeOptions } from './backend-candidate.ts';
import { backendCandidates } from './open-compute.ts';

/** A row of `autopilot doctor`'s table of back ends. */
export interface BackendReport {
  name: string;
  /** `chosen`: what `auto` takes. `usable`: works, but comes later in the order. */
  state: 'chosen' | 'usable' | 'rejected';
  /** What it is, or why it was rejected. */
  detail: string;
  /**
   * Billions of floating-point operations per second, two per multiply-add, in a 3x3 convolution, forward and backward;
   * left out where rejected or not measured.
   */
  gigaflops?: number;
}

export interface DescribeOptions extends Partial<Omit<ComputeOptions, 'backend'>> {
  /** Milliseconds to measure each back end for, 1,000 by default; 0 measures none. */
  measureMs?: number;
  candidates?: readonly BackendCandidate[];
}

/** Tries every back end in the order of `auto` and measures those that work; then restores the current back end. */
export async function describeBackends({
  threads = os.availableParallelism(),
  exact = false,
  precision = 'float32',
  measureMs = 1000,
  candidates = backendCandidates,
}: DescribeOptions = {}): Promise<BackendReport[]> {
  const before = tf.engine().backendName;
  const reports: BackendReport[] = [];
  for (const candidate of candidates) {
    const options = { backend: 'auto', threads, exact, precision };
    const probe = await candidate.probe(options);
    if (probe.state === 'rejected') {
      reports.push({ name: candidate.name, state: 'rejected', detail: probe.reason });
      continue;
    }
    const state = reports.some((report) => report.state === 'chosen') ? 'usable' : 'chosen';
    const report: BackendReport = { name: candidate.name, state, detail: probe.detail };
    if (measureMs > 0) {
      await candidate.open(options);
      report.gigaflops = await measureSpeed(measureMs);
    }
    reports.push(report);
  }
  if (before) await tf.setBackend(before);
  return reports;
}

/** From images that plain JavaScript convolves in about 20 ms to images that keep every core busy. */
const ladder = [
  { images: 1, side: 12, channels: 8 },
  { images: 1, side: 24, channels: 16 },
  { images: 4, side: 48, channels: 32 },
];

/** Floating-point operations, two per multiply-add, of a 3x3 convolution and its two gradients. */
function flopsOf({ images, side, channels }: (typeof ladder)[number]): number {
  return 3 * 2 * images * side * side * 9 * channels * channels;
}

/**
 * Gigaflops of the current back end in a 3x3 convolution, output and both gradients, on the largest images whose step
 * fits into the time, judging by the previous size.
 */
export async function measureSpeed(limitMs: number): Promise<number> {
  let speed = 0;
  for (const size of ladder) {
    if (speed > 0 && flopsOf(size) / speed / 1e6 > limitMs) break;
    speed = await convolutionSpeed(size, size === ladder.at(-1) ? limitMs : limitMs / 10);
  }
  return speed;
}

async function convolutionSpeed(size: (typeof ladder)[number], limitMs: number): Promise<number> {
  const { images, side, channels } = size;
  const x = tf.randomNormal<tf.Rank.R4>([images, side, side, channels], 0, 1, 'float32', 1);
  const w = tf.randomNormal<tf.Rank.R4>([3, 3, channels, channels], 0, 1, 'float32', 2);
  const loss = (x: tf.Tensor, w: tf.Tensor) => tf.sum(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'));
  const start = performance.now();
  let best = Number.POSITIVE_INFINITY;
  let steps = 0;
  do {
    const from = performance.now();
    const gradients = tf.tidy(() => tf.grads(loss)([x, w]));
    await gradients[1]!.data();
    tf.dispose(gradients);
    best = Math.min(best, performance.now() - from);
    steps++;
  } while (steps < 2 || performance.now() - start + best < limitMs);
  tf.dispose([x, w]);
  return flopsOf(size) / best / 1e6;
}
