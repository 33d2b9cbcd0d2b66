import * as z from 'zod';
import { printableLine } from '../domain/text/printable.ts';
import { type TrainerEvent, trainerEvent } from './trainer-event.ts';

/** What one line of `events.ndjson` turned out to be. */
export type EventLine =
  | { state: 'valid'; event: TrainerEvent; attempt: number }
  /** A type this version does not know: kept, and reported once per type. */
  | { state: 'unknown'; type: string; line: string }
  /** A known type whose fields are wrong; `problem` names the field and what was found. */
  | { state: 'invalid'; type: string; problem: string; line: string }
  /** Written by a process of an older attempt: ignored. */
  | { state: 'fenced'; attempt: number; line: string }
  /** Without the attempt's secret, or with another one: its writer is unknown, so it does not count. */
  | { state: 'unsigned' | 'foreign'; type: string; line: string }
  /** Not parsed, because it would cost too much; `problem` says why. */
  | { state: 'refused'; problem: string; line: string }
  /** Not an event in JSON: other output that found its way into the file. */
  | { state: 'noise'; line: string };

/** The attempt whose lines count. */
export interface LaunchedAttempt {
  number: number;
  /** As in the attempt's own line of `events.ndjson`. */
  name: string;
  /** The `AUTOPILOT_SECRET` of its processes; null for an attempt launched by an engine of an earlier version. */
  secret: string | null;
}

/** Maximum bytes of a line, and its maximum nesting depth. */
export const mostLineBytes = 2 ** 20;
const mostDepth = 32;
/** Bytes to show of a line that is too long. */
const shownBytes = 200;
const newline = 0x0a;

/**
 * Reads the lines of one attempt from chunks of the file: those after the line that names it, and before another
 * attempt's. The last line is held back until its newline comes, or until `end` says that none will. Takes time
 * proportional to the bytes, and holds at most one line of them.
 */
export function eventLines({ number, name, secret }: LaunchedAttempt) {
  let held: Buffer[] = [];
  /** Length of the unfinished line so far; more than is held if the line is too long. */
  let bytes = 0;
  let begun = false;

  function hold(part: Buffer): void {
    bytes += part.length;
    if (bytes <= mostLineBytes) held.push(Buffer.from(part));
    // Too long: only its beginning is kept.
    else if (held.length !== 1 || held[0]!.length !== shownBytes) {
      held = [Buffer.concat([...held, part.subarray(0, shownBytes)]).subarray(0, shownBytes)];
    }
  }

  function release(): EventLine[] {
    const text = Buffer.concat(held).toString('utf8').trim();
    const length = bytes;
    held = [];
    bytes = 0;
    if (length > mostLineBytes) {
      return refused(`it has ${length} bytes, and a line may have at most ${mostLineBytes}`, text);
    }
    return read(text);
  }

  /** Before this attempt's own line, or after a later attempt's, the line is not this attempt's. */
  function refused(problem: string, line: string): EventLine[] {
    return begun ? [{ state: 'refused', problem, line: line.slice(0, shownBytes) }] : [];
  }

  function read(text: string): EventLine[] {
    if (text === '') return [];
    if (isDeep(text)) return refused(`it is nested more than ${mostDepth} deep`, text);
    const value = parse(text);
    if (value?.type === 'attempt') {
      begun = value.name === name;
      return [];
    }
    if (!begun) return [];
    if (value === null) return [{ state: 'noise', line: text }];
    const writer = typeof value.attempt === 'number' ? value.attempt : number;
    if (writer !== number) return [{ state: 'fenced', attempt: writer, line: text }];
    if (secret !== null && value.secret !== secret) {
      return [{ state: value.secret === undefined ? 'unsigned' : 'foreign', type: value.type, line: text }];
    }
    return [understand(value, text, writer)];
  }

  return {
    push(chunk: Buffer): EventLine[] {
      const lines: EventLine[][] = [];
      let from = 0;
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
        hold(chunk.subarray(from, at));
        lines.push(release());
        from = at + 1;
      }
      if (from < chunk.length) hold(chunk.subarray(from));
      return lines.flat();
    },
    /** To call when nobody writes any more: reads the last line as it is. */
    end: release,
  };
}

function isDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (quoted) {
      if (character === '\\') index += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') {
      depth += 1;
      if (depth > mostDepth) return true;
    } else if (character === '}' || character === ']') depth -= 1;
  }
  return false;
}

const wire = z.looseObject({ type: z.string().max(200) });

/** An object with a `type`, even if it has NaN or infinities written as numbers; null for anything else. */
function parse(text: string): z.infer<typeof wire> | null {
  for (const form of [text, text.replace(/([:[,]\s*)(-?Infinity|NaN)(?=\s*[,}\]])/g, '$1"$2"')]) {
    try {
      return wire.safeParse(JSON.parse(form)).data ?? null;
    } catch {
      // Try the next form, if there is one.
    }
  }
  return null;
}

const knownTypes: ReadonlySet<string> = new Set(trainerEvent.options.map((option) => option.shape.type.value));

function understand(value: { type: string }, line: string, attempt: number): EventLine {
  if (!knownTypes.has(value.type)) return { state: 'unknown', type: value.type, line };
  const parsed = trainerEvent.safeParse(value);
  if (parsed.success) return { state: 'valid', event: parsed.data, attempt };
  const problem = parsed.error.issues
    .slice(0, 5)
    .map((issue) => {
      const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : issue.message;
      return `${printableLine(issue.path.join('.'), 100) || 'event'}: ${printableLine(message ?? 'no name', 100)}`;
    })
    .join('; ');
  return { state: 'invalid', type: value.type, problem, line };
}
