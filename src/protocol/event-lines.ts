import { StringDecoder } from 'node:string_decoder';
import { type TrainerEvent, trainerEvent } from './trainer-event.ts';

/** What one line of `events.ndjson` turned out to be. */
export type EventLine =
  | { kind: 'event'; event: TrainerEvent; attempt: number }
  /** A type this version does not know: kept, and reported once per type. */
  | { kind: 'unknown'; type: string; line: string }
  /** A known type whose fields are wrong; `problem` names the field and what was found. */
  | { kind: 'invalid'; type: string; problem: string; line: string }
  /** Written by a process of an older attempt: ignored. */
  | { kind: 'fenced'; attempt: number; line: string }
  /** Without the attempt's secret, or with another one: nobody knows who wrote it, so it does not count. */
  | { kind: 'unsigned' | 'foreign'; type: string; line: string }
  /** Not JSON: other output that found its way into the file. */
  | { kind: 'noise'; line: string };

/** Whose lines count. */
export interface LaunchedAttempt {
  number: number;
  /** As in the attempt's own line of `events.ndjson`. */
  name: string;
  /** What its processes were given in `AUTOPILOT_SECRET`; null for one that an engine of an earlier version launched. */
  secret: string | null;
}

/**
 * Reads the lines of one attempt out of chunks of the file: those after the line that names it, and before another
 * attempt's. The last line is held back until its newline comes, and read by `end` when no more will.
 */
export function eventLines({ number, name, secret }: LaunchedAttempt) {
  // Decodes a character that two chunks share.
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let begun = false;

  function read(line: string): EventLine[] {
    const text = line.trim();
    if (text === '') return [];
    const value = parse(text);
    if (value?.type === 'attempt') {
      begun = value.name === name;
      return [];
    }
    // Before this attempt's own line, or after a later one's: somebody else's time.
    if (!begun) return [];
    if (value === null) return [{ kind: 'noise', line: text }];
    const writer = typeof value.attempt === 'number' ? value.attempt : number;
    if (writer !== number) return [{ kind: 'fenced', attempt: writer, line: text }];
    if (secret !== null && value.secret !== secret) {
      return [{ kind: value.secret === undefined ? 'unsigned' : 'foreign', type: value.type, line: text }];
    }
    return [understand(value, text, writer)];
  }

  return {
    push(chunk: Buffer): EventLine[] {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      return lines.flatMap(read);
    },
    /** Nobody writes any more: the last line is read as it is. */
    end(): EventLine[] {
      const line = rest + decoder.end();
      rest = '';
      return read(line);
    },
  };
}

function parse(text: string): { type: string; attempt?: unknown; name?: unknown; secret?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text.replace(/([:[,]\s*)(-?Infinity|NaN)(?=\s*[,}\]])/g, '$1"$2"'));
    return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
      ? (value as { type: string })
      : null;
  } catch {
    return null;
  }
}

const knownTypes: ReadonlySet<string> = new Set(trainerEvent.options.map((option) => option.shape.type.value));

function understand(value: { type: string }, line: string, attempt: number): EventLine {
  if (!knownTypes.has(value.type)) return { kind: 'unknown', type: value.type, line };
  const parsed = trainerEvent.safeParse(value);
  if (parsed.success) return { kind: 'event', event: parsed.data, attempt };
  const problem = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'event'}: ${issue.message}`).join('; ');
  return { kind: 'invalid', type: value.type, problem, line };
}
