import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const compiled = process.env.AUTOPILOT_TEST_COMPILED === '1';
const root = new URL('../../', import.meta.url);

/**
 * Where a file of the product lies that a test starts as a process, without its extension (`cli/main`): of the bundle
 * under `npm test`, which has built it (what users have; a second of processor time less a start), and as it is written
 * where vitest was called by itself.
 */
export function productFile(path: string): string {
  const bundled = new URL(`dist/src/program/${path.replaceAll('/', '-')}.js`, root);
  const file = existsSync(bundled) ? bundled : new URL(`dist/src/${path}.js`, root);
  return fileURLToPath(compiled ? file : new URL(`src/${path}.ts`, root));
}

/** What node needs before such a file. */
export const loader: readonly string[] = compiled ? [] : ['--import', import.meta.resolve('tsx')];

/** The command that starts such a file. */
export function productCommand(path: string): string[] {
  return [process.execPath, ...loader, productFile(path)];
}
