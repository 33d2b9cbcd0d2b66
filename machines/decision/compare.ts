import type { Comparing } from '../../src/domain/guideline.ts';
import {
  moderatedComparison,
  moderatedSpread,
  normalQuantile,
  type SampleMoments,
  type SpreadPrior,
} from '../../src/domain/statistics/index.ts';
import { digitsFor, number } from './format.ts';

/** Power for which the number of further runs is computed. */
const power = 0.8;

export interface CompareOptions {
  primary: string;
  unit: string;
  /** 1 where more is better, -1 where less is. */
  sign: 1 | -1;
  /** Runs of the setting in question and of the one it is compared with. */
  current: SampleMoments;
  reference: SampleMoments;
  /** Name of the other setting: `iteration 2`. */
  name: string;
  prior: SpreadPrior;
  comparing: Comparing;
}

export interface Comparison {
  verdict: 'better' | 'worse' | 'cannotTell';
  /** Whether its mean is the better one, whatever the verdict. */
  ahead: boolean;
  /** Further runs of each to settle it; 0 when it is settled, or would take more runs than allowed. */
  repeat: number;
  observed: Record<string, number>;
  /** "dice 0.862 against iteration 2's 0.864: cannot tell with one run each; one more of both settles it with 80 %". */
  saw: string;
}

/** Compares two settings (moderated t, Smyth 2004): better, worse or cannot tell, and whether repeating is worth it. */
export function compareSettings(options: CompareOptions): Comparison {
  const { primary, unit, sign, current, reference, name, prior, comparing } = options;
  const { difference, higher, standardError } = moderatedComparison(current, reference, prior);
  const probability = sign > 0 ? higher : 1 - higher;
  const verdict =
    probability >= comparing.confidence ? 'better' : probability <= 1 - comparing.confidence ? 'worse' : 'cannotTell';
  const more = verdict === 'cannotTell' ? runsToSettle(options, Math.abs(difference)) : 0;
  const repeat = Math.max(current.n, reference.n) + more <= comparing.runs ? more : 0;
  const digits = digitsFor(current.mean, reference.mean);
  const values = `${primary} ${number(current.mean, digits)}${unit} against ${name}'s ${number(reference.mean, digits)}`;
  const sure = `${Math.round(100 * Math.max(probability, 1 - probability))} %`;
  const settles = Number.isFinite(more)
    ? `${more === 1 ? 'one more of both settles' : `${more} more of both settle`} it with ${100 * power} %`
    : 'no number of runs settles it';
  const saw =
    verdict === 'cannotTell'
      ? `${values}: cannot tell ${runsText(current.n, reference.n)}; ${settles}${more > repeat ? ', more than is worthwhile' : ''}`
      : `${values}: ${verdict}, with a probability of ${sure}`;
  const observed = { probability, difference, standardError, ...(Number.isFinite(more) ? { runsToSettle: more } : {}) };
  return { verdict, ahead: sign * difference > 0, repeat, observed, saw };
}

/** Further runs of each, at least one, that detect a true difference as large as the observed one with `power`. */
function runsToSettle({ current, reference, prior, comparing }: CompareOptions, difference: number): number {
  if (difference === 0) return Number.POSITIVE_INFINITY;
  const needed = difference / (normalQuantile(comparing.confidence) + normalQuantile(power));
  const [own, other] = [moderatedSpread(current, prior).variance, moderatedSpread(reference, prior).variance];
  for (let more = 1; more < 1000; more++) {
    if (own / (current.n + more) + other / (reference.n + more) <= needed ** 2) return more;
  }
  return Number.POSITIVE_INFINITY;
}

function runsText(current: number, reference: number): string {
  if (current === 1 && reference === 1) return 'with one run each';
  return current === reference ? `with ${current} runs each` : `with ${current} and ${reference} runs`;
}
