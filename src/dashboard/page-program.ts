import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type * as esbuild from 'esbuild';

/**
 * The page's program: one file for the browser, bundled from its modules as they are written or as they are compiled.
 * Only the plotting library is loaded separately, from `/vendor/echarts.js`; importing a Node module is an error.
 */
export function pageProgram(entry: URL): Uint8Array<ArrayBuffer> {
  // Loaded only when the page is bundled: users of the program do not install esbuild.
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
