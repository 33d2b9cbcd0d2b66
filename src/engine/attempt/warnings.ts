import { printableLine } from '../../domain/text/printable.ts';
import type { EventLine, LaunchedAttempt } from '../../protocol/event-lines.ts';
import type { Session } from '../plans/plan.ts';
import { unsigned } from './judge-attempt.ts';
import type { Training } from './training.ts';

/** Maximum number of distinct warnings kept per attempt. */
const mostWarnings = 100;

/**
 * Stores each warning of an attempt once, by its id, and emits it unless a run of the study has already done so:
 * repeated by every run, it would drown out the rest. A study's end and history list all, with their number of runs.
 */
export type WarnOnce = (id: string, message: string) => void;

/** Tests whether a run of the study has already given the same warning. */
export function saidBefore({ store }: Pick<Session, 'store'>, studyId: string): (message: string) => boolean {
  const said = new Set(store.warningsOf(studyId).map(({ message }) => message));
  return (message) => said.has(message);
}

export function warningsOf({ session, run, runDirectory }: Training, attempt: LaunchedAttempt): WarnOnce {
  const { store, say, now } = session;
  const { studyId, key } = run;
  const warned = new Set<string>();

  function warn(message: string): void {
    const known = saidBefore(session, studyId)(message);
    store.appendEvent(studyId, { type: 'run.warned', key, message, attempt: attempt.number }, now());
    if (!known) say({ type: 'warning', key, message });
  }

  return (id, message) => {
    if (warned.has(id) || warned.size > mostWarnings) return;
    warned.add(id);
    if (warned.size > mostWarnings) {
      warn(`There were ${mostWarnings} different warnings; further ones are only in ${runDirectory}/events.ndjson.`);
    } else warn(message);
  };
}

/** The warning about a line that is no valid event of this attempt: its id and its message. */
export function warningOf(
  line: Exclude<EventLine, { state: 'valid' }>,
  { runDirectory, attempt }: { runDirectory: string; attempt: LaunchedAttempt },
): [id: string, message: string] {
  switch (line.state) {
    case 'unknown':
      return [
        `unknown ${line.type}`,
        `The trainer sends events of the type "${short(line.type)}", which this version does not know; they are kept in events.ndjson.`,
      ];
    case 'invalid':
      return [`invalid ${line.type}`, `An event "${line.type}" was left out: ${problemOf(line)}`];
    case 'refused':
      return [
        `refused ${line.problem}`,
        `A line of events.ndjson was left out: ${line.problem}.${line.line === '' ? '' : ` It begins: ${short(line.line)}`}`,
      ];
    case 'noise':
      return [
        'noise',
        `events.ndjson holds a line that is not an event: ${short(line.line)}. Such lines are ignored; print to standard output instead.`,
      ];
    case 'unsigned':
      return ['unsigned', `An event "${line.type}" was ignored: ${unsigned}.`];
    case 'foreign':
      return [
        'foreign',
        `A process that this engine did not launch is writing to ${runDirectory} (an event "${line.type}" with a different secret). Its lines are ignored; end it.`,
      ];
    case 'fenced':
      return [
        `fenced ${line.attempt}`,
        `A process of attempt ${line.attempt} is still writing; only attempt ${attempt.number} counts.`,
      ];
  }
}

export function problemOf({ problem, line }: Extract<EventLine, { state: 'invalid' }>): string {
  return `${problem}. The line: ${short(line)}`;
}

/** The line fit for printing: truncated, and without its secret. */
export function short(line: string): string {
  return printableLine(line.slice(0, 1000).replace(/("secret"\s*:\s*")[^"]*/g, '$1\u2026'), 120);
}
