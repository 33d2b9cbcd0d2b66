import { resolveGuideline } from '../../machines/guideline/index.ts';
import { initDefaults } from '../../src/cli/init/config.ts';
import { guidelinePolicy } from '../guidelines/guideline-policy.ts';
import type { PlayedStudy } from '../guidelines/played-study.ts';
import { playStudies, type Share, shareOf } from '../guidelines/summary.ts';
import { levelTable } from './level-table.ts';
import type { spreads } from './noise.ts';

export interface WholeStudiesOptions {
  spread: (typeof spreads)[number];
  baselineRuns: number;
  maxRuns: number;
  studies: number;
  /** Called after each study with the number that wrongly said "no loss" so far. */
  onPlayed?: (wrong: number, played: number) => void;
}

/** Whole studies by anytime, which revalidates and adds baseline runs, where every setting loses exactly the margin. */
export async function wronglyNoLoss({
  spread,
  baselineRuns,
  maxRuns,
  studies,
  onPlayed,
}: WholeStudiesOptions): Promise<Share> {
  const margin = 0.01;
  const table = levelTable({ baselineNoise: spread.baseline, noise: spread.workers, trueLoss: -margin, margin });
  const terms = { baselineRuns, maxRuns, iterations: initDefaults.iterations };
  const policy = guidelinePolicy(resolveGuideline('anytime'));
  const wrongOf = (list: readonly PlayedStudy[]) => list.filter(({ outcome }) => outcome === 'noLoss').length;
  const played = await playStudies({
    ...{ policy, table, terms, studies },
    onPlayed: (list) => onPlayed?.(wrongOf(list), list.length),
  });
  return shareOf(wrongOf(played), studies);
}
