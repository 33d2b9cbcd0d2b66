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
  /** Not JSON: other output that found its way into the file. */
  | { kind: 'noise'; line: string };

/**
 * Reads the lines of one attempt out of chunks of the file. The last line is held back until its newline comes, and
 * read by `end` when no more will. Lines that name no attempt belong to the attempt line before them.
 */
export function eventLines({ attempt }: { attempt: number }) {
  // Decodes a character that two chunks share.
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let current = 1;

  function read(line: string): EventLine[] {
    const text = line.trim();
    if (text === '') return [];
    const value = parse(text);
    if (value?.type === 'attempt') {
      if (typeof value.attempt === 'number') current = value.attempt;
      return [];
    }
    // Before this attempt's own line, or after a later one's: somebody else's time.
    if (current !== attempt) return [];
    if (value === null) return [{ kind: 'noise', line: text }];
    const writer = typeof value.attempt === 'number' ? value.attempt : current;
    if (writer !== attempt) return [{ kind: 'fenced', attempt: writer, line: text }];
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

function parse(text: string): { type: string; attempt?: unknown } | null {
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
