import type { Iteration } from '../../../src/domain/study.ts';
import { eachClass, lostClasses, neverFound, ruleFrom } from '../../decision/index.ts';
import { bestValueOf, oneRunAgain } from '../../decision/primary.ts';
import type { GuidelineContext } from '../context.ts';
import { confirmation } from '../parts.ts';
import { validatingResults } from '../record.ts';
import { otherValidations, pooledVarianceOf, tailLossOf } from './other-settings.ts';
import { standing } from './standing.ts';

/** The rule's judgement of the validating runs, then checked against what is asked of each class. */
export function judgeValidation(context: GuidelineContext, current: Iteration) {
  const { rule: config } = context.input;
  const rule = ruleFrom(config);
  const { baseline, runs, part } = confirmation(context, { results: validatingResults(context, current) });
  const earlierRuns = runs.length - current.results.length;
  const stands = {
    ...standing(context, 0),
    earlierRuns,
    tailLoss: tailLossOf(context, current),
    pooledVariance: pooledVarianceOf(context, current),
    baseline: baseline.map(({ metrics }) => metrics),
  };
  const judgement = rule.validate(
    runs.map(({ metrics }) => metrics),
    stands,
  );
  // Only a warning: rounded numbers entered by hand may be equal. The rule that uses the spread refuses them.
  const again =
    config.rule === 'thesis' && isRunAgain(context, current)
      ? `; warning: these numbers are identical to those of the run they should confirm: ${oneRunAgain(rule.metrics[0]!)}`
      : '';
  const named = part === null ? judgement.observed : { ...judgement.observed, part };
  const judged = {
    ...judgement,
    observed: named,
    saw: `${part === null ? judgement.saw : `on the ${part} part: ${judgement.saw}`}${again}`,
  };
  if (judged.verdict !== 'confirmed') return judged;
  const compared = {
    runs: runs.map(({ classes }) => classes),
    baseline: baseline.map(({ classes }) => classes),
    primary: rule.metrics[0]!,
    margin: config.rule === 'nonInferiority' ? config.margin : config.tolerance,
  };
  // How well a class is found is a fraction of 1, whatever unit the margin has.
  const inPoints = config.definitions?.[compared.primary]?.fraction ?? true;
  const lost = lostClasses({ ...compared, margin: inPoints ? compared.margin : 0 });
  const dead = deadClasses(context);
  const gone = lost.length === 0 ? null : `${context.input.workers} workers lose the class ${lost.join(', ')}`;
  if (config.classes !== 'each' || config.rule !== 'nonInferiority' || gone !== null) {
    const seen = [judged.saw, gone, dead].filter((phrase) => phrase !== null).join('; ');
    if (gone === null || (config.classes ?? 'mean') === 'mean') return { ...judged, saw: seen };
    return { ...judged, verdict: 'notConfirmed' as const, rule: `${rule.name}.classLost`, saw: seen };
  }
  const each = eachClass({
    ...{ ...compared, rule: config, unspent: stands.unspent, earlierRuns },
    others: otherValidations(context, current).map((other) => other.map(({ classes }) => classes)),
  });
  const observed = { ...judged.observed, ...each.observed };
  const saw = `${judged.saw}; ${each.saw}`;
  if (each.shown) return { ...judged, observed, saw };
  const verdict =
    current.results.length < rule.maximumValidationRuns ? ('undecided' as const) : ('notConfirmed' as const);
  return {
    ...judged,
    verdict,
    rule: `${rule.name}.${verdict === 'undecided' ? 'undecided' : 'classes'}`,
    observed,
    saw,
  };
}

/** Whether the validating run equals the validated one to the last digit of every metric. Perfect ones are excepted. */
function isRunAgain({ iterations, input }: GuidelineContext, { parent, results }: Iteration): boolean {
  const { metrics, definitions } = input.rule;
  const primary = metrics[0]!;
  const [first, again] = [iterations.find(({ number }) => number === parent)?.results[0], results[0]];
  if (first?.state !== 'finished' || again?.state !== 'finished') return false;
  if (again.metrics[primary] === bestValueOf(primary, definitions)) return false;
  return Object.entries(first.metrics).every(([name, value]) => Object.is(again.metrics[name], value));
}

/** Classes that the baseline never finds, which a mean over classes hides; null if there are none. */
export function deadClasses({ input, baseline }: GuidelineContext): string | null {
  const primary = input.rule.metrics[0]!;
  const parts = [baseline, baseline.flatMap(({ confirming }) => confirming ?? [])];
  const dead = parts
    .map((part) =>
      neverFound(
        part.map(({ classes }) => classes),
        primary,
      ),
    )
    .find(({ length }) => length > 0);
  return dead === undefined
    ? null
    : `the baseline never finds the class ${dead.join(', ')}, which ${primary} does not show`;
}
