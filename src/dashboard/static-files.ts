import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pageProgram } from './page-program.ts';

export interface StaticFile {
  body: Uint8Array<ArrayBuffer>;
  contentType: string;
}

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

const resolve = createRequire(import.meta.url).resolve;

/** Libraries the page loads, by the name the page uses. */
const vendorFiles = new Map<string, () => string>([
  ['echarts.js', () => join(dirname(resolve('echarts/package.json')), 'dist', 'echarts.esm.min.mjs')],
]);

/** Of a page that runs as it is written; bundled when it is built otherwise (`scripts/bundle.mjs`). */
const sources = new URL('web/app.tsx', import.meta.url);
const fromSources = existsSync(sources);

/** `dist/src/program/page` for this module compiled (`dist/src/dashboard`) and bundled (`dist/src/program`). */
const pageFolder = fileURLToPath(new URL(fromSources ? 'web' : '../program/page', import.meta.url));

/** Reads one of the page's files, `/` being `index.html`; null for anything else. Read once, then kept. */
export function createStaticFiles(): (path: string) => StaticFile | null {
  const kept = new Map<string, StaticFile>();
  return (path) => {
    const file = kept.get(path) ?? readOne(path);
    // Only what there is: addresses of nothing are without number.
    if (file !== null) kept.set(path, file);
    return file;
  };
}

function readOne(path: string): StaticFile | null {
  if (fromSources && path === '/app.js') return { body: pageProgram(sources), contentType: contentTypes['.js']! };
  const vendor = /^\/vendor\/([^/]+)$/.exec(path)?.[1];
  const file = vendor === undefined ? ownFile(path) : vendorFiles.get(vendor)?.();
  if (!file || !isFile(file)) return null;
  const contentType = contentTypes[extname(file)];
  return contentType ? { body: new Uint8Array(readFileSync(file)), contentType } : null;
}

/** An address may be no path at all: below a file, or longer than paths are. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function ownFile(path: string): string | undefined {
  if (path.includes('\0')) return undefined;
  const file = normalize(join(pageFolder, path === '/' ? 'index.html' : path));
  return file.startsWith(pageFolder + sep) ? file : undefined;
}
