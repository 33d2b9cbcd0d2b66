import { doubtsOf, doubtsText } from '../../src/domain/measured.ts';
import type { Metrics, PartResult } from '../../src/domain/metric/metrics.ts';
import type { Iteration, RunEvaluation, RunResult, StudyOutcome } from '../../src/domain/study.ts';
import type { RunClasses, RunMetrics } from '../decision/index.ts';
import type { GuidelineContext } from './context.ts';
import { finiteMetrics, onWorkers } from './record.ts';

/** The evaluation without numbers that JSON cannot represent. */
export function finiteEvaluation({
  confirming,
  unmeasured,
  stoppedAfter,
  curves,
  ...part
}: RunEvaluation): RunEvaluation {
  return {
    ...finitePart(part),
    ...(confirming ? { confirming: finitePart(confirming) } : {}),
    ...(unmeasured ? { unmeasured } : {}),
    ...(stoppedAfter === undefined ? {} : { stoppedAfter }),
    ...(curves === undefined ? {} : { curves }),
  };
}

function finitePart({ metrics, trivial, split, classes }: PartResult): PartResult {
  return {
    metrics: finiteMetrics(metrics),
    ...(trivial === undefined ? {} : { trivial: finiteMetrics(trivial) }),
    ...(split === undefined ? {} : { split }),
    ...(classes === undefined
      ? {}
      : { classes: Object.fromEntries(Object.entries(classes).map(([name, each]) => [name, finiteMetrics(each)])) }),
  };
}

/**
 * The results that a validation is judged by: on the part that confirms if the baseline and every run have it, else on
 * the part that settings are chosen on.
 */
export interface Confirmation {
  baseline: { metrics: Metrics; classes: RunClasses }[];
  runs: { metrics: RunMetrics; classes: RunClasses }[];
  /** Name of the part that confirms; null where it is the one that settings are chosen on. */
  part: string | null;
}

export function confirmation({ baseline }: GuidelineContext, { results }: Pick<Iteration, 'results'>): Confirmation {
  const [first] = baseline;
  const apart =
    first?.confirming !== undefined &&
    baseline.every(({ confirming }) => confirming !== undefined) &&
    results.every((result) => result.state !== 'finished' || result.confirming !== undefined);
  const partOf = (evaluation: RunEvaluation): PartResult => (apart && evaluation.confirming) || evaluation;
  const ofRun = (result: RunResult) => {
    if (result.state !== 'finished') return { metrics: null, classes: undefined };
    const { metrics, classes } = partOf(result);
    return { metrics, classes };
  };
  return {
    baseline: baseline.map(partOf).map(({ metrics, classes }) => ({ metrics, classes })),
    runs: results.map(ofRun),
    part: apart ? (first?.confirming?.split ?? null) : null,
  };
}

/** Which part of the data the study's end rests on, for its sentence; null if unknown or not a verdict. */
export function partsPhrase(context: GuidelineContext, outcome: StudyOutcome): string | null {
  const { baseline, input, iterations } = context;
  const split = baseline[0]?.split;
  if (split === undefined || (outcome !== 'noLoss' && outcome !== 'exhausted' && outcome !== 'budgetSpent'))
    return null;
  const last = onWorkers(iterations).at(-1);
  const { part } = confirmation(context, { results: last?.action === 'validate' ? last.results : [] });
  if (part !== null && outcome === 'noLoss') return `chosen on the ${split} part, confirmed on the ${part} part`;
  if (part !== null) return `settings chosen on the ${split} part`;
  if (split !== 'test') return `decided on the part "${split}" alone, which no test part confirms`;
  return input.rule.split === 'test'
    ? 'settings chosen and judged on the test part, as decision.split says'
    : 'settings chosen and judged on the test part, as there is no validation part';
}

/** Why the runs that a "no loss" rests on may not be what was asked; null when nothing is doubtful. */
export function unverifiedPhrase(
  { baseline, iterations, input: { workers } }: GuidelineContext,
  outcome: StudyOutcome,
): string | null {
  const trained = iterations.flatMap(({ action, results }) =>
    results.flatMap((run) =>
      run.state === 'finished' ? [{ ...run, workers: action === 'extendBaseline' ? 1 : workers }] : [],
    ),
  );
  const found = doubtsOf([...baseline.map((run) => ({ ...run, workers: 1 })), ...trained]);
  return outcome !== 'noLoss' || found.length === 0 ? null : `unverified: ${doubtsText(found)}`;
}
