import { resolve } from 'node:path';
import { defaultDecayEpochs } from '../../schedules/defaults.ts';
import type { StudyConfig } from './study-config.ts';

/** A study config with the defaults that depend on other fields filled in, and its paths absolute. */
export type ResolvedStudyConfig = Omit<StudyConfig, 'setting' | 'baseline'> & {
  setting: StudyConfig['setting'] & { decayEpochs: number };
  baseline: StudyConfig['baseline'] & { seeds: number };
};

/** `directory` is the config file's: every relative path in the config starts there. */
export function resolveStudyConfig(config: StudyConfig, directory: string): ResolvedStudyConfig {
  const { setting, baseline, decision, trainer, launcher } = config;
  return {
    ...config,
    data: 'path' in config.data ? { ...config.data, path: resolve(directory, config.data.path) } : config.data,
    setting: {
      ...setting,
      decayEpochs: setting.decayEpochs ?? defaultDecayEpochs(config.epochs, setting.warmupEpochs),
    },
    trainer: trainer.kind === 'command' ? { ...trainer, directory: resolve(directory, trainer.directory) } : trainer,
    launcher:
      launcher.kind === 'mpi' && launcher.hostfile !== undefined
        ? { ...launcher, hostfile: resolve(directory, launcher.hostfile) }
        : launcher,
    baseline: {
      ...baseline,
      seeds: baseline.runs?.length ?? baseline.seeds ?? (decision.rule === 'thesis' ? 1 : 5),
    },
  };
}
