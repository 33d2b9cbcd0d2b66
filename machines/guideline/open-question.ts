import {
  moderatedSpread,
  momentsOf,
  normalQuantile,
  type SampleMoments,
  studentTQuantile,
} from '../../src/domain/statistics/index.ts';
import { number } from '../decision/format.ts';
import { baselineMoments, confirmingDifference, directionOf, unitOf } from '../decision/index.ts';
import { valuesOf } from '../decision/primary.ts';
import type { GuidelineContext } from './context.ts';
import { type Evidence, evidenceOf, noiseAware, spreadPrior } from './evidence.ts';
import { confirmation } from './parts.ts';

/** Power for which the number of runs is computed. */
const power = 0.8;
/** No more runs than this are counted; a mean that lies at the margin would take any number. */
const countable = 1000;

/** All runs of a setting and the baseline's, on the part of the data that confirms. */
interface ConfirmingSamples {
  iteration: number;
  sample: SampleMoments;
  reference: SampleMoments;
  /** Null if it is the part that settings are chosen on. */
  part: string | null;
}

function confirmingSamples(
  context: GuidelineContext,
  { iteration, results }: Evidence,
  primary: string,
): ConfirmingSamples {
  // The run that a setting was chosen by has no numbers on the part that confirms; its validating runs have.
  const confirming = results.filter((result) => result.state === 'finished' && result.confirming !== undefined);
  const { baseline, runs, part } = confirmation(context, { results: confirming.length > 1 ? confirming : results });
  const values = runs.map(({ metrics }) => metrics);
  const { baselineSummary } = context;
  const standing = { baseline: baseline.map(({ metrics }) => metrics), baselineSummary, candidate: 0 };
  const reference = baselineMoments(standing, primary);
  return { iteration: iteration.number, sample: momentsOf(valuesOf(values, primary)), reference, part };
}

function differenceOf({ sample, reference }: ConfirmingSamples): number {
  return sample.mean - reference.mean;
}

/**
 * What a study that ends without an answer could not tell: whether the repeated setting that came closest on the part
 * that confirms is without loss, and how many runs it would take to show that. Null if its mean is not within the
 * margin.
 */
export function openQuestionPhrase(context: GuidelineContext): string | null {
  const noise = noiseAware(context);
  if (noise === null || context.confirmed) return null;
  const { margin, alpha, metrics, definitions } = noise.rule;
  const primary = metrics[0] ?? '';
  const sign = directionOf(primary, definitions);
  const repeated = evidenceOf(context)
    .filter(({ values, broken }) => values.length > 1 && !broken)
    .map((evidence) => confirmingSamples(context, evidence, primary));
  const onPart = repeated.filter(({ part }) => part !== null);
  const best = (onPart.length > 0 ? onPart : repeated).reduce<ConfirmingSamples | undefined>(
    (most, one) => (most === undefined || sign * (differenceOf(one) - differenceOf(most)) > 0 ? one : most),
    undefined,
  );
  if (best === undefined) return null;
  const { sample, reference, part } = best;
  const gap = margin + sign * differenceOf(best);
  if (!(gap > 0)) return null;
  const prior = spreadPrior(context, margin);
  const [own, one] = [moderatedSpread(sample, prior).variance, moderatedSpread(reference, prior).variance];
  const runs = runsToShow({ own, one, gap, alpha: alpha / 2 });
  const unit = unitOf(primary, definitions);
  return (
    `whether iteration ${best.iteration} is without loss cannot be told: ${primary} ${number(sample.mean)}${unit} from ${sample.n} runs ` +
    `against ${number(reference.mean)}${unit}${part === null ? '' : ` on the ${part} part`} is within the margin ${number(margin)}${unit}, but showing it would take ` +
    (runs === null
      ? `more than ${countable} runs`
      : `about ${runs.validating} validating runs and ${runs.ofOneWorker} of one worker`)
  );
}

/**
 * Runs that show, with `power`, a difference that lies `gap` above −margin: of both kinds in proportion to their
 * spreads, which takes the fewest. By Student's t, small numbers are too few, so one more of both is added until they
 * suffice. Null if either is more than `countable`.
 */
function runsToShow({ own, one, gap, alpha }: { own: number; one: number; gap: number; alpha: number }) {
  const [ownSpread, oneSpread] = [Math.sqrt(own), Math.sqrt(one)];
  const each = ((normalQuantile(1 - alpha) + normalQuantile(power)) / gap) ** 2 * (ownSpread + oneSpread);
  let validating = Math.max(2, Math.ceil(each * ownSpread));
  let ofOneWorker = Math.max(2, Math.ceil(each * oneSpread));
  const tooFew = () => {
    const { degrees, standardError } = confirmingDifference(
      { mean: 0, variance: own, n: validating },
      { mean: 0, variance: one, n: ofOneWorker },
    );
    return (studentTQuantile(1 - alpha, degrees) + studentTQuantile(power, degrees)) * standardError > gap;
  };
  while (Math.max(validating, ofOneWorker) <= countable) {
    if (!tooFew()) return { validating, ofOneWorker };
    validating += 1;
    ofOneWorker += 1;
  }
  return null;
}
