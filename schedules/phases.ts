import type { Phase } from './schedule.ts';
import { scheduleFrom } from './schedule-from.ts';
import type { ScheduleSpec } from './spec.ts';

/** A phase's half-open stretch of epochs, `from ≤ e < to`; the last one includes its end. */
export interface PhaseSpan {
  phase: Phase;
  from: number;
  to: number;
}

/** A schedule's phases, in order and without gaps, from 0 to E; empty ones are left out. */
export function phases(spec: ScheduleSpec): PhaseSpan[] {
  scheduleFrom(spec);
  const [warmupTo, decayFrom] = borders(spec);
  const spans: PhaseSpan[] = [
    { phase: 'warmup', from: 0, to: warmupTo },
    { phase: 'stabilization', from: warmupTo, to: decayFrom },
    { phase: 'decay', from: decayFrom, to: spec.epochs },
  ];
  return spans.filter(({ from, to }) => from < to);
}

/** The phase at a fractional epoch; after the last epoch, the last phase. */
export function phaseAt(spec: ScheduleSpec, epoch: number): Phase {
  const spans = phases(spec);
  return (spans.find(({ to }) => epoch < to) ?? spans.at(-1)!).phase;
}

/** The epochs at which warmup ends and decay begins. */
function borders(spec: ScheduleSpec): [number, number] {
  switch (spec.policy) {
    case 'greScale':
      // The same border as the rate's, although rounding may leave E − D slightly below W when W + D = E.
      return [spec.warmupEpochs, Math.max(spec.warmupEpochs, spec.epochs - spec.decayEpochs)];
    case 'constantWarmup':
      return [spec.warmupEpochs, spec.epochs];
    case 'gradualWarmup':
      return [spec.warmupEpochs, spec.milestones[0] ?? spec.epochs];
    case 'cosine':
      return [spec.warmupEpochs, spec.warmupEpochs];
    case 'staircase':
      return [0, spec.milestones[0] ?? spec.epochs];
    case 'exponential':
    case 'polynomial':
      return [0, 0];
    case 'constant':
    case 'cyclic':
      return [0, spec.epochs];
  }
}
