import { createHash } from 'node:crypto';
import { readInParts } from '../../protocol/files/read-in-parts.ts';

/** Of a file of any size: a command may name a container of many gigabytes. */
export function sha256Of(path: string): string {
  const hash = createHash('sha256');
  readInParts(path, (part) => hash.update(part));
  return hash.digest('hex');
}
