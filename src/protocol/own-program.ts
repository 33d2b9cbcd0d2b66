import { fileURLToPath } from 'node:url';
import { fromSources, ownFile } from './own-file.ts';

/**
 * The command that runs a file of this package as a separate process, through tsx if this program runs from its
 * sources. `path` is relative to `src/` and has no extension; `options` are passed to node.
 */
export function ownProgram(path: string, options: readonly string[] = []): string[] {
  const loader = fromSources ? ['--import', import.meta.resolve('tsx')] : [];
  return [process.execPath, ...options, ...loader, fileURLToPath(ownFile(path))];
}
