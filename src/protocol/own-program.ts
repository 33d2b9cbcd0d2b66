import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromSources, ownFile } from '../../protocol/own-file.ts';

/**
 * The command that runs a file of this package as a process of its own: the compiled `.js`, or the `.ts` through
 * tsx when this very file is not compiled. `path` is relative to `src/` and has no extension; `options` are node's own.
 */
export function ownProgram(path: string, options: readonly string[] = []): string[] {
  const file = fileURLToPath(ownFile(path));
  return !fromSources && existsSync(file)
    ? [process.execPath, ...options, file]
    : [process.execPath, ...options, '--import', import.meta.resolve('tsx'), file];
}
