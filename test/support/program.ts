import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const compiled = process.env.AUTOPILOT_TEST_COMPILED === '1';
const root = new URL('../../', import.meta.url);

/**
 * The path of a product file that a test starts as a process, given without its extension (`cli/main`): under
 * `npm test` the one in the bundle that it has built (what users have, and a second of processor time less per start),
 * and under plain vitest the source file.
 */
export function productFile(path: string): string {
  const bundled = new URL(`dist/src/program/${path.replaceAll('/', '-')}.js`, root);
  const file = existsSync(bundled) ? bundled : new URL(`dist/src/${path}.js`, root);
  return fileURLToPath(compiled ? file : new URL(`src/${path}.ts`, root));
}

/** The node options that such a file needs. */
export const loader: readonly string[] = compiled ? [] : ['--import', import.meta.resolve('tsx')];

/** The command that starts a product file. */
export function productCommand(path: string): string[] {
  return [process.execPath, ...loader, productFile(path)];
}
