import { readFileSync } from 'node:fs';
import { AutopilotError, messageOf } from '../domain/errors.ts';

/** The hosts of an Open MPI hostfile, in order, each once: `node1 slots=4`. */
export function hostNames(hostfile: string): string[] {
  let text: string;
  try {
    text = readFileSync(hostfile, 'utf8');
  } catch (cause) {
    throw new AutopilotError('deploy.hostfile', `launcher.hostfile ${hostfile} cannot be read: ${messageOf(cause)}.`, {
      cause,
    });
  }
  const names = text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/)[0] ?? '');
  return [...new Set(names.filter((name) => name !== ''))];
}
