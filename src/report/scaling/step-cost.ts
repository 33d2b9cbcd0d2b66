import type { EpochRecord, RunRecord, Store, StudyRecord } from '../../../db/index.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { count } from '../../domain/text/format.ts';
import type { StepCost } from './advice.ts';

/** A step's cost, the model it belongs to, and where it comes from. */
export interface KnownCost {
  /** Describes the model for a reader. */
  model: string;
  cost: StepCost;
  /** One sentence: where it was measured, or how it was estimated. */
  source: string;
}

/** Floating-point operations per second that estimates assume: about half the peak of the thesis's GTX 1080 Ti. */
const assumedFlops = 5e12;
const assumedSlices = { perStep: 4, side: 256 };

/** The thesis's networks at their full size; multiply-adds are per pixel of a slice, forward only. */
const thesisNetworks = [
  /** 64 channels and five levels, padded (Ronneberger et al. 2015). */
  { name: 'unet', title: 'U-Net', parameters: 31_030_000, multiplyAdds: 733_900 },
  /** FCN-8s on VGG-16 (Long et al. 2015). */
  { name: 'fcn', title: 'FCN-8s', parameters: 134_280_000, multiplyAdds: 422_000 },
];

/** Costs of the thesis's networks, estimated for a GPU like the one it used. */
export function estimatedCosts(): (KnownCost & { name: string })[] {
  const { perStep, side } = assumedSlices;
  return thesisNetworks.map(({ name, title, parameters, multiplyAdds }) => ({
    name,
    model: `${title} of the thesis, ${(parameters / 1e6).toFixed(1)} million parameters`,
    // Two operations per multiply-add; the backward pass costs twice the forward one.
    cost: { computeSeconds: (perStep * side * side * multiplyAdds * 6) / assumedFlops, gradientBytes: 4 * parameters },
    source: `estimated: ${perStep} slices of ${side}×${side} a step at ${assumedFlops / 1e12} TFLOP/s, half of a GTX 1080 Ti's peak`,
  }));
}

/** Measured in a study's run with the fewest workers. `parameters`, if given, replaces what its trainer reported. */
export function studyCost(store: Store, study: StudyRecord, parameters?: number): KnownCost {
  const timed = store
    .runsOf(study.id)
    .filter(({ simulated }) => !simulated)
    .map((run) => ({ run, seconds: stepSeconds(store.epochsOf(run.id)) }))
    .filter(({ seconds }) => seconds.length > 0)
    .sort((a, b) => a.run.workers - b.run.workers)[0];
  if (timed === undefined) {
    throw new AutopilotError(
      'scaling.unmeasured',
      `Study "${study.name}" has no trained run that reports steps and seconds per epoch. Train one first, or give --step-seconds.`,
    );
  }
  const { run, seconds } = timed;
  const attempt = store.attemptsOf(run.id).at(-1);
  const stored = attempt?.environment?.parameters;
  const known = parameters ?? (typeof stored === 'number' ? stored : null);
  if (known === null) {
    throw new AutopilotError(
      'scaling.parameters',
      `The trainer of study "${study.name}" does not report how many parameters its model has. Give them: --model 31000000.`,
    );
  }
  // One process that plays k workers computes their shares one after the other.
  const playing = attempt?.launcher === 'local' ? run.workers : 1;
  return {
    model: `the model of study ${study.name}, ${(known / 1e6).toPrecision(3)} million parameters`,
    cost: { computeSeconds: median(seconds) / playing, gradientBytes: 4 * known },
    source: `measured: ${count(seconds.length, 'epoch')} of run ${run.key} on ${count(run.workers, 'worker')}${exchangeNote(run, playing)}, evaluations included`,
  };
}

function exchangeNote({ workers }: RunRecord, playing: number): string {
  return playing === workers ? '' : ', exchanges included, since no run had one worker';
}

/** Seconds per step of each epoch; the first epoch, which warms up, is left out where there are others. */
function stepSeconds(epochs: readonly EpochRecord[]): number[] {
  const all = epochs.flatMap(({ step, seconds, attempt, epoch }, index) => {
    const before = index === 0 ? { step: 0, attempt, epoch: 0 } : epochs[index - 1]!;
    const steps = (step ?? 0) - (before.step ?? 0);
    const whole = before.attempt === attempt && before.epoch === epoch - 1;
    return whole && seconds !== null && seconds > 0 && steps > 0 ? [seconds / steps] : [];
  });
  return all.length > 1 ? all.slice(1) : all;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
