import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// This file runs from source (`src/protocol/own-file.ts`), compiled (`dist/src/protocol/own-file.js`) or bundled (into
// a file of `dist/src/program`): all three are equally deep, so the relative paths below hold for each.
const here = import.meta.url;

/** True if this program runs through a TypeScript loader. */
export const fromSources = here.endsWith('.ts');

/** The folder that holds `src`, `schedules`, …: the checkout if run from sources, otherwise `dist`. */
export const ownRoot = fileURLToPath(new URL('../..', here));

const bundled = new URL('.', here).pathname.endsWith('/src/program/');

/**
 * A file of this package that starts a process or a thread; `path` is relative to `src/` and has no extension. Unless
 * run from sources, the bundled file is preferred, whoever asks: it starts in half the time (`scripts/bundle.mjs`).
 */
export function ownFile(path: string): URL {
  const program = new URL(`../program/${path.replaceAll('/', '-')}.js`, here);
  return !fromSources && existsSync(program) ? program : new URL(`../${path}.${fromSources ? 'ts' : 'js'}`, here);
}

/** A module of this package that shares its state with the caller: the bundled one only if the caller is bundled. */
export function ownModule(path: string): URL {
  if (bundled) return new URL(`${path.replaceAll('/', '-')}.js`, here);
  return new URL(`../${path}.${fromSources ? 'ts' : 'js'}`, here);
}
