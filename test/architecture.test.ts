import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mayImport, mayNotImport } from './import-table.ts';

/** Longer than 350 lines with a reason. */
const longFiles: Record<string, string> = {};
const mostLines = 350;
const mostFilesOfAFolder = 20;
/** Folders of the table, and imports from one to another. */
const mostRooms = 22;
const mostArrows = 90;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const codeFolders = ['src', 'machines', 'schedules', 'db', 'bench', 'examples', 'packages', 'scripts', 'test'];
const skipped = new Set(['node_modules', 'dist', 'build', 'coverage', '.cache', 'prebuilds', 'runs']);

interface SourceFile {
  /** Relative to the repository, with `/`. */
  path: string;
  text: string;
  imports: string[];
}

/** All but this file, whose examples of imports are no imports. */
const sources: SourceFile[] = codeFolders
  .flatMap((folder) => filesBelow(join(root, folder)))
  .filter((file) => file !== fileURLToPath(import.meta.url))
  .map(readSource);
const byPath = new Map(sources.map((source) => [source.path, source]));

function filesBelow(folder: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(folder);
  } catch {
    return [];
  }
  return entries.flatMap((name) => {
    if (skipped.has(name)) return [];
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesBelow(path);
    return /\.(tsx?|mts|mjs|js)$/.test(name) && !name.endsWith('.d.ts') ? [path] : [];
  });
}

function readSource(file: string): SourceFile {
  const text = readFileSync(file, 'utf8');
  return { path: relative(root, file).split('\\').join('/'), text, imports: specifiersIn(text) };
}

/** Static imports and exports, dynamic `import('…')`, `import type`, and files named by `new URL('….ts', import.meta.url)`. */
function specifiersIn(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const patterns = [
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"\n]+)['"]/gm,
    /^\s*import\s*['"]([^'"\n]+)['"]/gm,
    /\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g,
    /new URL\(\s*['"](\.[^'"\n]+\.m?[tj]sx?)['"]\s*,\s*import\.meta\.url/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1]!));
}

/** The table's line for a file: the longest that fits. */
function folderOf(path: string): string | null {
  const fitting = Object.keys(mayImport).filter((folder) => isIn(path, folder));
  return fitting.sort((a, b) => b.length - a.length)[0] ?? null;
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function targetOf(source: SourceFile, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(source.path), specifier));
}

/** From a folder of the table to those that its files import. */
function importsBetweenFolders(): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  for (const source of layered) {
    const from = folderOf(source.path)!;
    for (const specifier of source.imports.filter((each) => each.startsWith('.'))) {
      const to = folderOf(targetOf(source, specifier));
      if (to === null || to === from) continue;
      edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
  }
  return edges;
}

const layered = sources.filter(({ path }) => /^(src|machines|schedules|db)\//.test(path));

describe('the folders of the program', () => {
  it('are all in the table', () => {
    const unknown = layered.filter(({ path }) => folderOf(path) === null).map(({ path }) => path);
    expect(unknown, 'add the folder to `mayImport`, with what it may import').toEqual([]);
  });

  it('import only what the table allows', () => {
    const wrong = layered.flatMap((source) => {
      const own = folderOf(source.path);
      if (own === null) return [];
      return source.imports
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => targetOf(source, specifier))
        .filter((target) => ![own, ...mayImport[own]!].some((folder) => isIn(target, folder)))
        .map((target) => `${source.path} imports ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it('have lines in the table that point down only', () => {
    const order = Object.keys(mayImport);
    const above = order.flatMap((folder, index) =>
      mayImport[folder]!.filter((target) => order.includes(target) && order.indexOf(target) < index).map(
        (target) => `${folder} -> ${target}`,
      ),
    );
    expect(above).toEqual([]);
  });

  it('keep purity: what may not be imported from Node and npm is not', () => {
    const wrong = layered.flatMap((source) => {
      const forbidden = mayNotImport[folderOf(source.path) ?? ''];
      if (forbidden === undefined) return [];
      return source.imports
        .filter((specifier) => !specifier.startsWith('.') && forbidden(specifier))
        .map((specifier) => `${source.path} imports ${specifier}`);
    });
    expect(wrong).toEqual([]);
  });

  it('import each other in no circle', () => {
    expect(circleIn(importsBetweenFolders())).toBeNull();
  });

  it('are few, and know few others', () => {
    const rooms = Object.keys(mayImport);
    const arrows = [...importsBetweenFolders().values()].reduce((sum, { size }) => sum + size, 0);
    expect(rooms.length).toBeLessThanOrEqual(mostRooms);
    expect(arrows).toBeLessThanOrEqual(mostArrows);
  });
});

describe('every file', () => {
  it('imports files that exist, with their ending', () => {
    const missing = sources.flatMap((source) =>
      source.imports
        .filter((specifier) => specifier.startsWith('.') && /\.[mc]?[tj]sx?$/.test(specifier))
        .map((specifier) => targetOf(source, specifier))
        .filter((target) => /\.tsx?$/.test(target) && !byPath.has(target) && !target.startsWith('..'))
        .map((target) => `${source.path} imports ${target}`),
    );
    expect(missing).toEqual([]);
  });

  it('imports no file that imports it, not even by others', () => {
    const imports = new Map(
      sources.map((source) => [
        source.path,
        new Set(source.imports.filter((each) => each.startsWith('.')).map((each) => targetOf(source, each))),
      ]),
    );
    expect(circleIn(imports)).toBeNull();
  });

  it('imports no file that imports it, in the Python client too', () => {
    const client = join(root, 'clients/python/grescale_autopilot');
    const files = readdirSync(client).filter((name) => name.endsWith('.py'));
    const imports = files.map((name): [string, Set<string>] => {
      const text = readFileSync(join(client, name), 'utf8');
      return [name, new Set([...text.matchAll(/^\s*from \.(\w+) import/gm)].map((match) => `${match[1]}.py`))];
    });
    expect(circleIn(new Map(imports))).toBeNull();
  });

  it('leaves test/ to the tests and benchmarks', () => {
    const wrong = sources
      .filter(({ path }) => !/(^|\/)test\/|^bench\//.test(path))
      .flatMap((source) =>
        source.imports
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => targetOf(source, specifier))
          .filter((target) => /(^|\/)test\//.test(target))
          .map((target) => `${source.path} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  it('has a kebab-case name', () => {
    const wrong = sources
      .map(({ path }) => path)
      .filter((path) => !/^[a-z0-9]+([.-][a-z0-9]+)*\.(tsx?|mts|mjs|js)$/.test(posix.basename(path)));
    expect(wrong).toEqual([]);
  });

  it(`has at most ${mostLines} lines, or a reason`, () => {
    const long = sources
      .filter(({ path, text }) => text.split('\n').length > mostLines + 1 && longFiles[path] === undefined)
      .map(({ path, text }) => `${path}: ${text.split('\n').length - 1} lines`);
    expect(long, 'two files are easier to find things in').toEqual([]);
    const unneeded = Object.keys(longFiles).filter(
      (path) => (byPath.get(path)?.text.split('\n').length ?? 0) <= mostLines + 1,
    );
    expect(unneeded, 'these exceptions are not needed any more').toEqual([]);
  });

  it('lies in a folder of at most 20 files', () => {
    const count = new Map<string, number>();
    for (const { path } of sources) count.set(posix.dirname(path), (count.get(posix.dirname(path)) ?? 0) + 1);
    expect([...count].filter(([, files]) => files > mostFilesOfAFolder)).toEqual([]);
  });

  it('imports Node modules by their node: name', () => {
    const wrong = sources.flatMap(({ path, imports }) =>
      imports
        .filter((specifier) => builtinModules.includes(specifier))
        .map((specifier) => `${path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** What an attempt, a plan, a store decides on: an event or cause that nobody thought of has to be a type error. */
const exhaustive = ['machines', 'db', 'src/engine', 'src/compare', 'src/protocol'];

describe('a switch where decisions are made', () => {
  it('has no default but one that the type check empties', () => {
    const open = sources
      .filter(({ path }) => exhaustive.some((folder) => isIn(path, folder)))
      .flatMap(({ path, text }) => {
        const lines = text.split('\n');
        return lines.flatMap((line, index) =>
          /^\s*default:/.test(line) && !/^\s*\w+ satisfies never;$/.test(lines[index + 1] ?? '')
            ? [`${path}:${index + 1}`]
            : [],
        );
      });
    expect(open, 'list the cases, or write "default: value satisfies never;"').toEqual([]);
  });
});

/** What a person writes into a config has the config's own word. */
const discriminators: Record<string, string> = {
  'src/imgmed/volume/normalize.ts': 'kind',
  'src/domain/guideline.ts': 'action',
};

describe('a union of objects', () => {
  it('tells what happens or is to be done by "type", and what something has come to by "state"', () => {
    const other = layered.flatMap(({ path, text }) =>
      [...text.matchAll(/^\s*\|\s*\(?\{\s*(\w+): '/gm)]
        .map((match) => match[1]!)
        .filter((name) => !['type', 'state', discriminators[path]].includes(name))
        .map((name) => `${path}: ${name}`),
    );
    expect(other).toEqual([]);
  });
});

describe('the pages for who works on it', () => {
  it('have the table of test/import-table.ts', () => {
    const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
    const rows = page.split('\n').flatMap((line) => {
      const [, folder, imports] = /^\| `([^`]+)` \|[^|]*\|([^|]*)\|$/.exec(line) ?? [];
      return folder === undefined ? [] : [[folder, namesIn(imports!)] as const];
    });
    expect(rows, 'write the page anew where the table has changed').toEqual(Object.entries(mayImport));
  });

  it.each(['docs/architecture.md', 'CONTRIBUTING.md'])('name files that are there: %s', (name) => {
    const named = namesIn(readFileSync(join(root, name), 'utf8')).filter((each) =>
      /^(src|machines|schedules|db|test|scripts|docs|packages|clients)\/[a-z0-9_./-]+$/.test(each),
    );
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

/** What stands in backticks. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!);
}

describe('the import reader', () => {
  it('sees static, dynamic, type-only, side-effect and URL imports, and skips comments', () => {
    const text = [
      "import a from './a.ts';",
      'import {\n  b,\n  type C,\n} from "./b.ts";',
      "import type { D } from './d.ts';",
      "export * from './e.ts';",
      "import './f.ts';",
      "const g = () => import('./g.ts');",
      "const h = new URL('./h.ts', import.meta.url);",
      "// import x from './x.ts';",
      "/** import y from './y.ts'; */",
    ].join('\n');
    const expected = ['a', 'b', 'd', 'e', 'f', 'g', 'h'].map((name) => `./${name}.ts`);
    expect(specifiersIn(text).sort()).toEqual(expected);
  });

  it('finds a circle where there is one', () => {
    const edges = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c'])],
      ['c', new Set(['a'])],
    ]);
    expect(circleIn(edges)).toEqual(['a', 'b', 'c', 'a']);
    edges.delete('c');
    expect(circleIn(edges)).toBeNull();
  });
});

/** Folders or files that import each other in a circle, the first again at the end; null when there is none. */
function circleIn(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] | null {
  const done = new Set<string>();
  const visit = (each: string, path: readonly string[]): string[] | null => {
    const at = path.indexOf(each);
    if (at >= 0) return [...path.slice(at), each];
    if (done.has(each)) return null;
    for (const next of edges.get(each) ?? []) {
      const circle = visit(next, [...path, each]);
      if (circle !== null) return circle;
    }
    done.add(each);
    return null;
  };
  for (const start of edges.keys()) {
    const circle = visit(start, []);
    if (circle !== null) return circle;
  }
  return null;
}
