import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { actionLabel, actionText, fieldText } from '../../machines/guideline/index.ts';
import { differenceEnds, differenceWords } from '../domain/difference.ts';
import { actionNames } from '../domain/guideline.ts';
import { outcomeLabel, verdictText } from '../report/words.ts';

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
  ['preact.js', () => join(dirname(resolve('htm/preact')), 'standalone.module.js')],
  ['echarts.js', () => join(dirname(resolve('echarts/package.json')), 'dist', 'echarts.esm.min.mjs')],
]);

/** The page's own files stand beside this module in the source tree, also when this module runs compiled. */
function webFolder(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const beside = join(here, 'web');
  return existsSync(beside) ? beside : join(here, '..', '..', '..', 'src', 'dashboard', 'web');
}

/** Reads one of the page's files, `/` being `index.html`; null for anything else. Read once, then kept. */
export function createStaticFiles(): (path: string) => StaticFile | null {
  const folder = webFolder();
  const kept = new Map<string, StaticFile>();
  return (path) => {
    const file = kept.get(path) ?? readOne(folder, path);
    // Only what there is: addresses of nothing are without number.
    if (file !== null) kept.set(path, file);
    return file;
  };
}

/** The project's words for the page, as the module that it imports. */
function wordsFile(): StaticFile {
  const actionLabels = Object.fromEntries(actionNames.map((action) => [action, actionLabel(action)]));
  const words = { actionText, actionLabels, fieldText, verdictText, outcomeLabel, differenceWords, differenceEnds };
  const lines = Object.entries(words).map(([name, texts]) => `export const ${name} = ${JSON.stringify(texts)};\n`);
  return { body: new TextEncoder().encode(lines.join('')), contentType: contentTypes['.js']! };
}

function readOne(folder: string, path: string): StaticFile | null {
  if (path === '/words.js') return wordsFile();
  const vendor = /^\/vendor\/([^/]+)$/.exec(path)?.[1];
  const file = vendor === undefined ? ownFile(folder, path) : vendorFiles.get(vendor)?.();
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

function ownFile(folder: string, path: string): string | undefined {
  if (path.includes('\0')) return undefined;
  const file = normalize(join(folder, path === '/' ? 'index.html' : path));
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? file : undefined;
}
