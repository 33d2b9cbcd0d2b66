import type { ResolvedStudyConfig } from './resolve.ts';
import { type ScaleConfig, scaleConfig } from './sections/scale.ts';

/** The section with its defaults; they hold as well for a study that has none. */
export function scaleSection({ scale }: Pick<ResolvedStudyConfig, 'scale'>): ScaleConfig {
  return scale ?? scaleConfig.parse({});
}

/** The worker counts, the fewest first. */
export function workerCounts(config: Pick<ResolvedStudyConfig, 'scale' | 'workers'>): number[] {
  const wanted = scaleSection(config).workers ?? doubled(config.workers);
  return [...new Set(wanted)].sort((a, b) => a - b);
}

/** 2, 4, 8, … and the last; a doubled count within a third of the last is left out. */
function doubled(last: number): number[] {
  const counts: number[] = [];
  for (let count = 2; count * 1.5 <= last; count *= 2) counts.push(count);
  return [...counts, Math.max(2, last)];
}
