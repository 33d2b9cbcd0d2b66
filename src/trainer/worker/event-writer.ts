import { closeSync, openSync, writeFileSync } from 'node:fs';
import { toWire } from '../../protocol/number.ts';
import { ownSecret } from '../../protocol/secret.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';

/** Appends events to `events.ndjson`, one whole line a write (a disk that takes half of it fails), each with the time, the attempt and its secret. */
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
