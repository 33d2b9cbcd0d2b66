import type { SchedulerLauncherConfig } from '../../config/sections/launcher.ts';
import { presets } from './presets.ts';
import type { Templates } from './templates.ts';

/** A preset's templates, overridden by the study's own. */
export function templatesOf(config: SchedulerLauncherConfig): Templates {
  const preset: Partial<Templates> = config.preset === undefined ? {} : presets[config.preset];
  const { submit, jobId, status, state, cancel } = { ...preset, ...given(config) };
  if (!submit || !jobId || !status || !state || !cancel) throw new Error('a scheduler without its templates'); // the config's checks refuse it
  return {
    ...preset,
    ...given(config),
    ...{ submit, jobId, status, state, cancel },
    states: { ...preset.states, ...config.states },
    values: { ...preset.values, ...config.values },
  };
}

function given(config: SchedulerLauncherConfig): Partial<Templates> {
  const { submit, submitInput, jobId, status, state, unknown, find, foundId, cancel, hosts, start } = config;
  const all = { submit, submitInput, jobId, status, state, unknown, find, foundId, cancel, hosts, start };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
