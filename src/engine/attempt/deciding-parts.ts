import type { PartResult } from '../../domain/metric/metrics.ts';
import type { RunEvaluation } from '../../domain/study.ts';

/** The parts of the data a study decides on: one to choose settings, and a different one, if any, to confirm them. */
export interface DecidingParts {
  choose: string;
  confirm: string | null;
}

export interface WantedParts {
  /** The config's `decision.split`; `auto` if not set. */
  split: 'auto' | 'validation' | 'test';
  /** The parts the baseline was evaluated on; null while none are known. */
  settled: DecidingParts | null;
  /** Whether baseline results without a named part are already known; they are taken to be of the test part. */
  known: boolean;
  /** Whether this is a baseline or validating run; others need no test part. */
  confirms: boolean;
}

export type DecidingEvaluations =
  | ({ state: 'decides' } & RunEvaluation)
  | { state: 'none' }
  /** `reason` says which part is missing and what to do. */
  | { state: 'missing'; reason: string };

/** Selects the evaluations that count by the name of their part; `val`, `valid` and the like mean `validation`. */
export function decidingEvaluations(
  evaluations: ReadonlyMap<string, PartResult>,
  { split, settled, known, confirms }: WantedParts,
): DecidingEvaluations {
  const reported = [...evaluations.keys()];
  if (reported.length === 0) return { state: 'none' };
  const last = reported.filter((name) => !isTraining(name)).at(-1);
  if (last === undefined) return { state: 'missing', reason: seenReason(reported) };
  const there = (name: string) => [...evaluations.keys()].find((key) => partName(key) === partName(name));
  const both = there('validation') !== undefined && there('test') !== undefined;
  const parts = settled ?? {
    choose: split === 'auto' ? (both && !known ? 'validation' : (there('test') ?? last)) : split,
    confirm: both && !known && split !== 'test' ? 'test' : null,
  };
  const needed = [parts.choose, ...(confirms && parts.confirm !== null ? [parts.confirm] : [])];
  const missing = needed.find((name) => there(name) === undefined);
  if (missing !== undefined)
    return { state: 'missing', reason: missingReason(missing, [...evaluations.keys()], settled) };
  const of = (name: string): PartResult => ({ ...evaluations.get(there(name) ?? '')!, split: partName(name) });
  const confirming = confirms && parts.confirm !== null ? { confirming: of(parts.confirm) } : {};
  return { state: 'decides', ...of(parts.choose), ...confirming };
}

function missingReason(missing: string, there: readonly string[], settled: DecidingParts | null): string {
  const parts = there.map((name) => `"${name}"`).join(', ');
  const why = settled === null ? 'which decision.split asks for' : 'on which the baseline was evaluated';
  return `the run was evaluated on ${parts} but not on "${missing}", ${why}. Evaluate the parts that run.json names in "evaluate" (Python: run.parts), or set decision.split`;
}

/** Results on the training data say nothing about other data. */
function isTraining(name: string): boolean {
  return /^(train|training|trn)$/i.test(name);
}

function seenReason(there: readonly string[]): string {
  return `the run was evaluated only on "${there.join('", "')}", its training data, which says nothing about accuracy. Evaluate unseen data, and name the parts "validation" and "test"`;
}

function partName(name: string): string {
  return /^(val|valid|dev|validate)$/i.test(name) ? 'validation' : name;
}
