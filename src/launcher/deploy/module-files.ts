import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** `from './x.mjs'`, `import './x.mjs'`, `import('./x.mjs')`, `new URL('./table.json', import.meta.url)` */
const relativePath = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*|\bnew\s+URL\s*\(\s*)(['"])(\.{1,2}\/[^'"]+)\1/g;

/** A module and every file that it, or a file it imports, names by a relative path: absolute, sorted, no duplicates. */
export function moduleFiles(module: string): string[] {
  const found = new Set<string>();
  const open = [resolve(module)];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path) || !existsSync(path)) continue;
    found.add(path);
    if (!/\.[cm]?[jt]s$/.test(path)) continue;
    for (const [, , name = ''] of readFileSync(path, 'utf8').matchAll(relativePath)) {
      open.push(resolve(dirname(path), name));
    }
  }
  return [...found].sort();
}
