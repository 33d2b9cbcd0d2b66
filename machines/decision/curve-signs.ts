import type { CurveSign } from '../../src/domain/study.ts';
import { formatNumber } from '../../src/domain/text/format.ts';

/** The numbers of one epoch that make up a run's curves. */
export interface CurveEpoch {
  epoch: number;
  /** `warmup`, `stabilization`, `decay`; null when the trainer did not say. */
  phase: string | null;
  /** Mean training loss; null when not reported. */
  loss: number | null;
  /** The study's first metric on the part that settings are chosen on; null when not measured. */
  metric: number | null;
  /** Gradient noise scale in samples; null when not measured. */
  noiseScale: number | null;
}

export interface CurveOptions {
  epochs: readonly CurveEpoch[];
  /** Samples per optimizer step, over all workers. */
  batch: number;
  metric: { name: string /** 1: more is better, -1: less is. */; sign: 1 | -1 };
}

/** Fewer epochs do not make a curve. */
const fewestEpochs = 8;
/** Factor by which the loss jumps from one epoch to the next, before the decay. */
const jump = 1.5;
/** Relative drop of the loss between two stretches of epochs: a fall from `falls` on, a standstill up to `stands`. */
const falls = 0.05;
const stands = 0.03;

/**
 * What a run's curves show, for the reader of a decision: a loss that jumped, stood still until the rate fell, or still
 * fell at the end; a metric that got worse while the loss fell; steps larger than the gradient's noise scale warrants
 * (McCandlish et al. 2018). Rules of thumb: they point at what to look at and decide nothing.
 */
export function curveSigns({ epochs, batch, metric }: CurveOptions): CurveSign[] {
  if (epochs.length < fewestEpochs) return [];
  return [
    jumped(epochs),
    stood(epochs),
    stillFell(epochs),
    overfitted(epochs, metric),
    beyondNoise(epochs, batch),
  ].filter((sign) => sign !== null);
}

function jumped(epochs: readonly CurveEpoch[]): CurveSign | null {
  const rises = epochs.flatMap((each, index) => {
    const before = epochs[index - 1]?.loss ?? null;
    if (before === null || before <= 0 || each.loss === null || each.phase === 'decay') return [];
    return each.loss >= jump * before ? [{ ...each, before, loss: each.loss }] : [];
  });
  const worst = rises.sort((a, b) => b.loss / b.before - a.loss / a.before)[0];
  if (worst === undefined) return null;
  const where = worst.phase === null ? '' : ` in ${worst.phase}`;
  const text = `the loss jumped${where}, from ${brief(worst.before)} to ${brief(worst.loss)} in epoch ${worst.epoch}`;
  return { sign: 'lossJumped', text };
}

function stood(epochs: readonly CurveEpoch[]): CurveSign | null {
  const losses = lossesOf(epochs, 'stabilization');
  const half = losses.length >> 1;
  if (half < 3) return null;
  const [first, second] = [mean(losses.slice(0, half)), mean(losses.slice(-half))];
  const last = lossesOf(epochs, 'decay').at(-1);
  if (last === undefined || second < (1 - stands) * first || last > (1 - 2 * falls) * second) return null;
  const text = `the loss stood still at ${brief(second)} in stabilization and fell with the rate, to ${brief(last)}`;
  return { sign: 'lossStood', text };
}

function stillFell(epochs: readonly CurveEpoch[]): CurveSign | null {
  const tenth = Math.max(2, Math.round(epochs.length / 10));
  const losses = epochs.map(({ loss }) => loss);
  const [before, end] = [losses.slice(-2 * tenth, -tenth), losses.slice(-tenth)];
  if ([...before, ...end].some((loss) => loss === null)) return null;
  const fall = 1 - mean(end as number[]) / mean(before as number[]);
  if (!(fall >= falls)) return null;
  return {
    sign: 'lossStillFell',
    text: `the loss still fell at the end, by ${Math.round(100 * fall)} % in the last ${tenth} epochs`,
  };
}

function overfitted(epochs: readonly CurveEpoch[], { name, sign }: CurveOptions['metric']): CurveSign | null {
  const values = epochs.map(({ metric }) => metric);
  if (values.some((value) => value === null)) return null;
  const measured = values as number[];
  const smooth = measured.map((_, index) => mean(measured.slice(Math.max(0, index - 1), index + 2)));
  const best = smooth.reduce((at, value, index) => (sign * (value - smooth[at]!) > 0 ? index : at), 0);
  const steps = measured.slice(1).map((value, index) => Math.abs(value - measured[index]!));
  const usual = steps.sort((a, b) => a - b)[steps.length >> 1]!;
  const lost = sign * (smooth[best]! - smooth.at(-1)!);
  const [then, now] = [epochs[best]!.loss, epochs.at(-1)!.loss];
  if (best >= 0.75 * epochs.length || lost <= 2 * usual || then === null || now === null || now > 0.9 * then)
    return null;
  const text = `${name} was best around epoch ${epochs[best]!.epoch} (${smooth[best]!.toFixed(3)}) and came to ${smooth.at(-1)!.toFixed(3)} while the loss kept falling, a sign of overfitting`;
  return { sign: 'overfitted', text };
}

function beyondNoise(epochs: readonly CurveEpoch[], batch: number): CurveSign | null {
  const scales = epochs.flatMap(({ phase, noiseScale }) =>
    noiseScale !== null && (phase === 'stabilization' || phase === null) ? [noiseScale] : [],
  );
  if (scales.length < 3) return null;
  const middle = scales.sort((a, b) => a - b)[scales.length >> 1]!;
  if (batch <= 2 * middle) return null;
  const text = `a step averages ${batch} samples at a noise scale of ${brief(middle)}, so further samples add little to a step`;
  return { sign: 'beyondNoiseScale', text };
}

function lossesOf(epochs: readonly CurveEpoch[], wanted: string): number[] {
  return epochs.flatMap(({ phase, loss }) => (phase === wanted && loss !== null ? [loss] : []));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function brief(value: number): string {
  return formatNumber(Number(value.toPrecision(2)));
}
