import { expect, test } from 'vitest';
import { spreads } from '../../bench/decision-rules/noise.ts';
import { runsOf } from '../../bench/decision-rules/study.ts';

const rule = { rule: 'nonInferiority' as const, metrics: ['dice'], margin: 0.01, alpha: 0.05, maxRuns: 8 };
const studies = 400;
/** Five percent, and three standard errors of a share of so many studies. */
const atMost = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / studies);

test.each(
  spreads
    .filter(({ name }) => !name.includes('heavy'))
    .flatMap((spread) => [3, 10].map((runs) => ({ ...spread, runs }))),
)('of studies whose settings all lose the margin, few end without loss: $name, $runs baseline runs', (each) => {
  const { baseline: baselineNoise, workers: noise, runs: baselineRuns } = each;
  let accepted = 0;
  for (let seed = 1; seed <= studies; seed++)
    if (runsOf({ rule, noise, baselineNoise, baselineRuns, trueLoss: -0.01, candidates: 6, seed }).accepted) accepted++;
  expect(accepted / studies).toBeLessThan(atMost);
});
