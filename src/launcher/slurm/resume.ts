import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { confined } from '../../protocol/files/within.ts';
import { runDirectoryFiles } from '../../protocol/run-directory.ts';
import { runSpec } from '../../protocol/run-spec.ts';
import { ownSecret } from '../../protocol/secret.ts';
import { trainerEvent } from '../../protocol/trainer-event.ts';

/**
 * Makes `run.json` resume from the last existing checkpoint in this attempt's events, or else from where it already
 * did; returns that path, or null if there is none.
 */
export function resumeFromLastCheckpoint(directory: string): string | null {
  const files = runDirectoryFiles(directory);
  const spec = runSpec.parse(JSON.parse(readFileSync(files.spec, 'utf8')));
  const checkpoint = lastCheckpoint(directory, files.events);
  const resumed = { ...spec, resumeFrom: checkpoint ?? spec.resumeFrom };
  writeFileSync(`${files.spec}.tmp`, `${JSON.stringify(resumed, null, 2)}\n`);
  renameSync(`${files.spec}.tmp`, files.spec);
  return resumed.resumeFrom;
}

function lastCheckpoint(directory: string, events: string): string | null {
  if (!existsSync(events)) return null;
  const { secret } = ownSecret();
  for (const line of readFileSync(events, 'utf8').split('\n').reverse()) {
    const event = trainerEvent.safeParse(parsed(line));
    if (!event.success || event.data.type !== 'checkpoint' || event.data.secret !== secret) continue;
    const path = confined(directory, event.data.path);
    if (path !== null && existsSync(path)) return path;
  }
  return null;
}

/** Null for an incomplete line. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
