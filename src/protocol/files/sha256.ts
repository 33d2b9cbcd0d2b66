import { createHash } from 'node:crypto';
import { readInParts } from './read-in-parts.ts';

/** In hex, of a file of any size: a checkpoint, or a container that a command names, may be larger than the memory. */
export function sha256Of(path: string): string {
  const hash = createHash('sha256');
  readInParts(path, (part) => hash.update(part));
  return hash.digest('hex');
}
