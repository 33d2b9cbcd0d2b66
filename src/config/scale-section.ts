import type { ResolvedStudyConfig } from './resolve.ts';
import { type ScaleConfig, scaleConfig } from './sections/scale.ts';

/** The `scale` section with its defaults, also for a study without that section. */
export function scaleSection({ scale }: Pick<ResolvedStudyConfig, 'scale'>): ScaleConfig {
  return scale ?? scaleConfig.parse({});
}

/** The worker counts in ascending order. */
export function workerCounts(config: Pick<ResolvedStudyConfig, 'scale' | 'workers'>): number[] {
  const wanted = scaleSection(config).workers ?? doubled(config.workers);
  return [...new Set(wanted)].sort((a, b) => a - b);
}

/** 2, 4, 8, … and `last`; a doubled count within a third of `last` is left out. */
function doubled(last: number): number[] {
  const counts: number[] = [];
  for (let count = 2; count * 1.5 <= last; count *= 2) counts.push(count);
  return [...counts, Math.max(2, last)];
}
