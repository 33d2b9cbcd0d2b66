import type { Iteration } from '../../../src/domain/study.ts';
import { directionOf, tailLoss } from '../../decision/index.ts';
import { valuesOf } from '../../decision/primary.ts';
import type { GuidelineContext } from '../context.ts';
import { confirmation } from '../parts.ts';
import { validatingResults } from '../record.ts';

/** What rare bad runs, as validations of other settings had them, would take from the setting that the iteration validates; ≥ 0. */
export function tailLossOf(context: GuidelineContext, validation: Iteration): number {
  const { parent } = validation;
  const last = new Map(
    context.iterations.filter(({ action }) => action === 'validate').map((each) => [each.parent, each]),
  );
  const others = [...last.values()].filter((each) => each.parent !== parent);
  return tailLoss(
    validatedValues(context, validation),
    others.map((each) => validatedValues(context, each)),
  );
}

/** All validating runs of the setting so far, on the part that confirms; more is better. */
function validatedValues(context: GuidelineContext, validation: Iteration): number[] {
  const { metrics, definitions } = context.input.rule;
  const primary = metrics[0] ?? '';
  const { runs } = confirmation(context, { results: validatingResults(context, validation) });
  const sign = directionOf(primary, definitions);
  return valuesOf(
    runs.map((run) => run.metrics),
    primary,
  ).map((value) => sign * value);
}
