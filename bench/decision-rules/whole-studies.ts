import { resolveGuideline } from '../../machines/guideline/index.ts';
import { initDefaults } from '../../src/cli/init/config.ts';
import { guidelinePolicy } from '../guidelines/guideline-policy.ts';
import { playStudies, type Share, shareOf } from '../guidelines/summary.ts';
import { levelTable } from './level-table.ts';
import type { spreads } from './noise.ts';

export interface WholeStudiesOptions {
  spread: (typeof spreads)[number];
  baselineRuns: number;
  maxRuns: number;
  studies: number;
}

/** Whole studies by anytime, which revalidates and adds baseline runs, where every setting loses exactly the margin. */
export async function wronglyNoLoss({ spread, baselineRuns, maxRuns, studies }: WholeStudiesOptions): Promise<Share> {
  const margin = 0.01;
  const table = levelTable({ baselineNoise: spread.baseline, noise: spread.workers, trueLoss: -margin, margin });
  const terms = { baselineRuns, maxRuns, iterations: initDefaults.iterations };
  const played = await playStudies({ policy: guidelinePolicy(resolveGuideline('anytime')), table, terms, studies });
  return shareOf(played.filter(({ outcome }) => outcome === 'noLoss').length, studies);
}
