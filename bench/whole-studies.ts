/**
 * How often do whole studies by anytime say "no loss" where every setting loses exactly the margin, and one run of k
 * workers in twenty falls by five spreads: the worst of the noises of `decision-rules`. Run with
 * `npm run bench -- whole-studies [STUDIES] [MAXRUNS] [BASELINERUNS]`; about a second a study.
 */
import { spreads } from './decision-rules/noise.ts';
import { wronglyNoLoss } from './decision-rules/whole-studies.ts';
import { countsFrom } from './support/counts.ts';

const { studies, maxRuns, baselineRuns } = countsFrom({ studies: 200, maxRuns: 12, baselineRuns: 10 });
const spread = spreads.at(-1)!;
const { share, low, high } = await wronglyNoLoss({
  ...{ spread, baselineRuns, maxRuns, studies },
  onPlayed: (wrong, played) => {
    if (played % 50 === 0 && played < studies) console.error(`${wrong} of ${played} so far, ${studies} in all`);
  },
});
console.log(
  `${spread.name}, ${baselineRuns} baseline runs, at most ${maxRuns} runs a validation: ${(100 * share).toFixed(1)} % ` +
    `of ${studies} studies wrongly say "no loss" (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)} %)`,
);
