import type { Iteration } from '../../../src/domain/study.ts';
import { directionOf, tailLoss } from '../../decision/index.ts';
import { valuesOf } from '../../decision/primary.ts';
import type { GuidelineContext } from '../context.ts';
import { type Confirmation, confirmation } from '../parts.ts';
import { validatingResults } from '../record.ts';

type Runs = Confirmation['runs'];

/** Expected loss of the setting under validation through rare bad runs, as other validations had them; ≥ 0. */
export function tailLossOf(context: GuidelineContext, validation: Iteration): number {
  const { metrics, definitions } = context.input.rule;
  const primary = metrics[0] ?? '';
  const sign = directionOf(primary, definitions);
  const values = (runs: Runs) =>
    valuesOf(
      runs.map((run) => run.metrics),
      primary,
    ).map((value) => sign * value);
  return tailLoss(values(validatingRuns(context, validation)), otherValidations(context, validation).map(values));
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
