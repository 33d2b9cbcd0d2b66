import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// This file runs as it is written (`src/protocol/own-file.ts`), compiled (`dist/src/protocol/own-file.js`) or bundled (a file
// of `dist/src/program`): each is as deep, so what is said here relative to it holds for all three.
const here = import.meta.url;

/** True where this program runs through a TypeScript loader. */
export const fromSources = here.endsWith('.ts');

/** The folder of `src`, `schedules`, …: the checkout for what runs as it is written, otherwise `dist`. */
export const ownRoot = fileURLToPath(new URL('../..', here));

const bundled = new URL('.', here).pathname.endsWith('/src/program/');

/**
 * A file of this package that starts a process or a thread; `path` is relative to `src/` and has no extension. Of what
 * is compiled, the bundle's is taken where there is one, whoever asks: it starts in half the time (`scripts/bundle.mjs`).
 */
export function ownFile(path: string): URL {
  const program = new URL(`../program/${path.replaceAll('/', '-')}.js`, here);
  return !fromSources && existsSync(program) ? program : new URL(`../${path}.${fromSources ? 'ts' : 'js'}`, here);
}

/** A module of this package that shares its state with the one who asks: of the bundle only for the bundle. */
export function ownModule(path: string): URL {
  if (bundled) return new URL(`${path.replaceAll('/', '-')}.js`, here);
  return new URL(`../${path}.${fromSources ? 'ts' : 'js'}`, here);
}
