import { createHash } from 'node:crypto';
import { readInParts } from './read-in-parts.ts';

/** The SHA-256 of a file in hex; a checkpoint, or a container that a command names, may be larger than memory. */
export function sha256Of(path: string): string {
  const hash = createHash('sha256');
  readInParts(path, (part) => hash.update(part));
  return hash.digest('hex');
}
