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

/** Libraries that the page loads, by the name it uses. */
const vendorFiles = new Map<string, () => string>([
  ['echarts.js', () => join(dirname(resolve('echarts/package.json')), 'dist', 'echarts.esm.min.mjs')],
]);

/** Entry of a page that runs from its sources; a built page is bundled beforehand (`scripts/bundle.mjs`). */
const sources = new URL('web/app.tsx', import.meta.url);
const fromSources = existsSync(sources);

/** `dist/src/program/page`, whether this module is compiled (`dist/src/dashboard`) or bundled (`dist/src/program`). */
const pageFolder = fileURLToPath(new URL(fromSources ? 'web' : '../program/page', import.meta.url));

/**
 * Returns one of the page's files, where `/` is `index.html`; null for anything else. Files are read once, then kept.
 */
export function createStaticFiles(): (path: string) => StaticFile | null {
  const kept = new Map<string, StaticFile>();
  return (path) => {
    const file = kept.get(path) ?? readOne(path);
    // Keep only existing files: there is no limit to the addresses of missing ones.
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

/** False also for addresses that are not valid paths, such as one below a file or one that is too long. */
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
