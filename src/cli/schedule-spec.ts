import {
  type DecayShape,
  defaultDecayCoefficient,
  defaultDecayEpochs,
  defaultMilestones,
  defaultWarmupEpochs,
  type LrScaling,
  type PolicyName,
  type ScheduleSpec,
} from '../../schedules/index.ts';
import { AutopilotError } from '../domain/errors.ts';

/** A schedule as the command line gives it. Without a study, workers, epochs and initialLr are required. */
export interface ScheduleFlags {
  policy?: PolicyName;
  workers?: number;
  epochs?: number;
  initialLr?: number;
  warmup?: number;
  decay?: number;
  decayCoefficient?: number;
  decayShape?: DecayShape;
  scaling?: LrScaling;
  milestones?: number[];
  factor?: number;
  power?: number;
  finalLr?: number;
  maximumLr?: number;
  cycle?: number;
}

const common = ['policy', 'workers', 'epochs', 'initialLr'] as const;

/** The flags that each policy takes. */
const flagsOf: Record<PolicyName, readonly (keyof ScheduleFlags)[]> = {
  greScale: ['warmup', 'decay', 'decayCoefficient', 'decayShape'],
  constant: ['scaling'],
  constantWarmup: ['warmup'],
  gradualWarmup: ['warmup', 'milestones', 'factor'],
  exponential: ['decayCoefficient'],
  polynomial: ['power', 'finalLr'],
  staircase: ['milestones', 'factor'],
  cosine: ['warmup', 'finalLr'],
  cyclic: ['maximumLr', 'cycle'],
};

/** The schedule that flags describe; `study` fills in what they leave out, then the defaults do. */
export function scheduleSpecOf(flags: ScheduleFlags, study: ScheduleFlags = {}): ScheduleSpec {
  const policy = flags.policy ?? 'greScale';
  refuseForeign(flags, policy);
  const given = { ...study, ...flags };
  const workers = required(given, 'workers');
  const epochs = required(given, 'epochs');
  const initialLr = required(given, 'initialLr');
  const base = { workers, epochs, initialLr };
  const peak = workers * initialLr;
  const warmupEpochs = given.warmup ?? Math.min(defaultWarmupEpochs, epochs);
  const decayCoefficient = given.decayCoefficient ?? defaultDecayCoefficient;
  const { milestones = defaultMilestones(epochs), factor = 0.1, finalLr = peak / 100 } = given;
  switch (policy) {
    case 'greScale': {
      const decayEpochs = given.decay ?? defaultDecayEpochs(epochs, warmupEpochs);
      const decayShape = given.decayShape ?? 'exponential';
      return { policy, ...base, warmupEpochs, decayEpochs, decayCoefficient, decayShape };
    }
    case 'constant':
      return { policy, ...base, scaling: given.scaling ?? 'linear' };
    case 'constantWarmup':
      return { policy, ...base, warmupEpochs };
    case 'gradualWarmup':
      return { policy, ...base, warmupEpochs, milestones, factor };
    case 'exponential':
      return { policy, ...base, decayCoefficient };
    case 'polynomial':
      return { policy, ...base, power: given.power ?? 1, finalLr };
    case 'staircase':
      return { policy, ...base, milestones, factor };
    case 'cosine':
      return { policy, ...base, warmupEpochs, finalLr };
    case 'cyclic':
      return { policy, ...base, maximumLr: given.maximumLr ?? peak, cycleEpochs: given.cycle ?? epochs / 4 };
  }
}

function refuseForeign(flags: ScheduleFlags, policy: PolicyName): void {
  const known: readonly string[] = [...common, ...flagsOf[policy]];
  for (const [name, value] of Object.entries(flags)) {
    if (value === undefined || known.includes(name)) continue;
    const takes = flagsOf[policy].map(asFlag).join(', ');
    throw new AutopilotError(
      'usage.schedule',
      `${asFlag(name)} does not apply to the policy ${policy}, which takes ${takes}. Leave it out, or choose another --policy.`,
    );
  }
}

function required(given: ScheduleFlags, name: 'workers' | 'epochs' | 'initialLr'): number {
  const value = given[name];
  if (value !== undefined) return value;
  throw new AutopilotError('usage.schedule', `${asFlag(name)} is missing: give it, or name a study file.`);
}

/** `--initial-lr` for `initialLr`. */
export function asFlag(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
