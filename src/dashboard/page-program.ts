import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type * as esbuild from 'esbuild';

/**
 * The page's program: one file for the browser, from its modules as they are written or as they are compiled. Only plots
 * are loaded from elsewhere, `/vendor/echarts.js`; a module of Node among its modules is an error.
 */
export function pageProgram(entry: URL): Uint8Array<ArrayBuffer> {
  // Only what builds: esbuild is no package of who uses the program.
  const { buildSync }: typeof esbuild = createRequire(import.meta.url)('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    alias: { echarts: '/vendor/echarts.js' },
    external: ['/vendor/*'],
    legalComments: 'none',
    logLevel: 'error',
    write: false,
  });
  return new Uint8Array(outputFiles[0]!.contents);
}
