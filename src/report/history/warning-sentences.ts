import type { WarningRecord } from '../../../db/index.ts';
import { count } from '../../domain/text/format.ts';
import { printableLine } from '../../domain/text/printable.ts';

/** Distinct warnings beyond this number are counted, not printed. */
const most = 8;

/** Warnings of runs, one sentence each: `Warning of iteration-3: …`, `Warning of 30 runs (iteration-3 first): …`. */
export function warningSentences(warnings: readonly WarningRecord[]): string[] {
  const sentences = warnings.slice(0, most).map(({ message, runKey, runs }) => {
    const of = runs === 1 ? runKey : `${count(runs, 'run')} (${runKey} first)`;
    return `Warning from ${of}: ${printableLine(message)}`;
  });
  const more = warnings.length - most;
  return more > 0
    ? [...sentences, `Warnings of ${more} other kinds: see "warnings" in the history as JSON.`]
    : sentences;
}
