import { closeSync, openSync, writeFileSync } from 'node:fs';
import { toWire } from '../../protocol/number.ts';
import { ownSecret } from '../../protocol/secret.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';

/**
 * Appends events to `events.ndjson`, each with the time, the attempt and its secret, one whole line per write (a disk
 * that takes only half of it fails).
 */
export function eventWriter(path: string, { attempt }: { attempt: number }) {
  const file = openSync(path, 'a');
  const signature = { attempt, ...ownSecret() };
  return {
    write(event: TrainerEvent): void {
      const line = JSON.stringify({ ...event, timeMs: Date.now(), ...signature }, (_, value: unknown) =>
        typeof value === 'number' ? toWire(value) : value,
      );
      writeFileSync(file, `${line}\n`);
    },
    close: () => closeSync(file),
  };
}
