import type { Iteration } from '../../../src/domain/study.ts';
import { directionOf, tailLoss, winsorizedVariance } from '../../decision/index.ts';
import { valuesOf } from '../../decision/primary.ts';
import type { GuidelineContext } from '../context.ts';
import { evidenceOf } from '../evidence.ts';
import { type Confirmation, confirmation } from '../parts.ts';
import { validatingResults } from '../record.ts';

type Runs = Confirmation['runs'];

/** Expected loss of the setting under validation through rare bad runs, as other validations had them; ≥ 0. */
export function tailLossOf(context: GuidelineContext, validation: Iteration): number {
  const values = valuesUpwards(context);
  return tailLoss(values(validatingRuns(context, validation)), otherValidations(context, validation).map(values));
}

/**
 * The variance of all repeated settings of the study, with which that of a setting validated again is compared.
 * Whatever is validated again was chosen for its good runs, which may be those that happen to show no bad one and lie
 * close together. 0 for a first validation.
 */
export function pooledVarianceOf(context: GuidelineContext, validation: Iteration): number {
  const results = validatingResults(context, validation);
  if (results.length === validation.results.length) return 0;
  const { runs, part } = confirmation(context, { results });
  // Runs by which settings are chosen say nothing about the spread on another part of the data.
  const others =
    part === null
      ? evidenceOf(context)
          .filter(({ iteration, broken }) => !broken && iteration.number !== validation.parent)
          .map((other) => confirmation(context, other).runs)
      : otherValidations(context, validation);
  const values = valuesUpwards(context);
  return winsorizedVariance(values(runs), others.map(values));
}

/** The validating runs of each other setting that the study has validated so far. */
export function otherValidations(context: GuidelineContext, { parent }: Iteration): Runs[] {
  const last = new Map(
    context.iterations.filter(({ action }) => action === 'validate').map((each) => [each.parent, each]),
  );
  last.delete(parent);
  return [...last.values()].map((each) => validatingRuns(context, each));
}

/** All validating runs of the setting so far, on the part that confirms. */
function validatingRuns(context: GuidelineContext, validation: Iteration): Runs {
  return confirmation(context, { results: validatingResults(context, validation) }).runs;
}

/** The usable values of runs' primary metric; more is better. */
function valuesUpwards({ input }: GuidelineContext): (runs: Runs) => number[] {
  const { metrics, definitions } = input.rule;
  const primary = metrics[0] ?? '';
  const sign = directionOf(primary, definitions);
  return (runs) =>
    valuesOf(
      runs.map((run) => run.metrics),
      primary,
    ).map((value) => sign * value);
}
