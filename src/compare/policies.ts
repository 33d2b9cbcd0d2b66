import { defaultMilestones, type ScheduleSpec } from '../../schedules/index.ts';
import type { ResolvedStudyConfig } from '../config/resolve.ts';
import type { ComparePolicy } from '../config/sections/compare.ts';
import type { Setting } from '../domain/setting.ts';
import { settingOf } from '../engine/plans/guideline-input.ts';

/** What one cell trains: the setting for `run.json`, and the schedule if it is not GreScale. */
export interface PolicyTraining {
  setting: Setting;
  /** By default GreScale with the setting. */
  schedule?: ScheduleSpec;
}

/** A policy whose training is known in advance; the others train a setting that a study found. */
export type FixedPolicy = Exclude<ComparePolicy, 'guideline' | 'confirmed'>;

export function isFixed(policy: ComparePolicy): policy is FixedPolicy {
  return policy !== 'guideline' && policy !== 'confirmed';
}

/** Goyal et al. 2017: the rate falls to a tenth at each milestone. */
const staircaseFactor = 0.1;

/** LARS's momentum of 0.9 sums ten gradients; the guideline's change to momentum uses the same factor. */
const larsFactor = 0.1;

/** How a policy trains the study's task on k workers. */
export function policyTraining(policy: FixedPolicy, config: ResolvedStudyConfig, workers: number): PolicyTraining {
  const { epochs, setting, compare } = config;
  const { initialLr, warmupEpochs, optimizer } = setting;
  const common = { workers, epochs, initialLr };
  /** Without GreScale phases, their fields are zero. */
  const plain: Setting = { initialLr, decayCoefficient: 0, warmupEpochs: 0, decayEpochs: 0, optimizer, epochs };
  const stairs = { milestones: milestonesAfter(warmupEpochs, epochs), factor: staircaseFactor };
  switch (policy) {
    case 'constant':
      return { setting: plain, schedule: { policy: 'constant', ...common, scaling: 'linear' } };
    case 'linear':
      return { setting: plain, schedule: { policy: 'gradualWarmup', ...common, warmupEpochs: 0, ...stairs } };
    case 'gradualWarmup':
      return {
        setting: { ...plain, warmupEpochs },
        schedule: { policy: 'gradualWarmup', ...common, warmupEpochs, ...stairs },
      };
    case 'squareRoot':
      return { setting: plain, schedule: { policy: 'constant', ...common, scaling: 'squareRoot' } };
    case 'lars': {
      const larsLr = compare?.larsInitialLr ?? initialLr * larsFactor;
      return {
        setting: { ...plain, initialLr: larsLr, warmupEpochs, optimizer: 'lars' },
        schedule: { policy: 'gradualWarmup', ...common, initialLr: larsLr, warmupEpochs, ...stairs },
      };
    }
    case 'greScale':
      return { setting: settingOf(config) };
  }
}

/** Milestones that would fall within warmup, as in a short training, move to its end. */
function milestonesAfter(warmupEpochs: number, epochs: number): number[] {
  const milestones = defaultMilestones(epochs).map((milestone) => Math.max(milestone, warmupEpochs));
  return [...new Set(milestones)].filter((milestone) => milestone > 0 && milestone < epochs);
}
