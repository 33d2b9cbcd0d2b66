import { moderatedSpread, momentsOf, normalQuantile } from '../../src/domain/statistics/index.ts';
import { number } from '../decision/format.ts';
import { directionOf, unitOf } from '../decision/index.ts';
import type { GuidelineContext } from './context.ts';
import { baselineSample, bestEvidence, evidenceOf, noiseAware, spreadPrior } from './evidence.ts';

/** Power of the study whose number of runs is named. */
const power = 0.8;

/**
 * What a study that ends without an answer could not tell: the best of the settings that were repeated may be without loss, and how many
 * runs it would take to show that. Null where none of them is within the margin by its mean.
 */
export function untoldPhrase(context: GuidelineContext): string | null {
  const noise = noiseAware(context);
  if (noise === null || context.confirmed) return null;
  const { margin, alpha, metrics, definitions } = noise.rule;
  const primary = metrics[0] ?? '';
  const best = bestEvidence(
    context,
    evidenceOf(context).filter(({ values }) => values.length > 1),
  );
  if (best === undefined) return null;
  const [sample, reference] = [momentsOf(best.values), baselineSample(context)];
  const sign = directionOf(primary, definitions);
  const gap = margin + sign * (sample.mean - reference.mean);
  if (!(gap > 0)) return null;
  const prior = spreadPrior(context, margin);
  const [own, one] = [sample, reference].map((each) => Math.sqrt(moderatedSpread(each, prior).variance)) as [
    number,
    number,
  ];
  // Both kinds of runs in proportion to their spreads, which takes the fewest.
  const each = ((normalQuantile(1 - alpha / 2) + normalQuantile(power)) / gap) ** 2 * (own + one);
  const unit = unitOf(primary, definitions);
  return (
    `whether iteration ${best.iteration.number} is without loss cannot be told: ${primary} ${number(sample.mean)}${unit} from ${sample.n} runs ` +
    `against ${number(reference.mean)}${unit} is within the margin ${number(margin)}${unit}, but to show it takes about ` +
    `${Math.ceil(each * own)} validating runs and ${Math.ceil(each * one)} of one worker`
  );
}
