import { existsSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isatty } from 'node:tty';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { AutopilotError, messageOf } from '../domain/errors.ts';
import { nearest } from '../domain/nearest.ts';

/** A config file as read: its plain value, and the line of each field. */
export interface ConfigSource {
  /** Absolute path of the file. */
  path: string;
  text: string;
  value: unknown;
  /** 1-based line of a field, or of the nearest enclosing field if it is missing. */
  lineOf: (fieldPath: readonly PropertyKey[]) => number;
}

/** Maximum size of a config file in bytes, and its maximum nesting depth. */
const mostBytes = 4 * 2 ** 20;
const mostDepth = 64;
const tooDeep = `fields are nested more than ${mostDepth} deep; flatten them`;

/** The name given to new configs, and looked for by every command in a folder; `study.yml` is accepted as well. */
export const configFileName = 'study.yaml';
const configFileNames = [configFileName, 'study.yml'];

/** A `config.invalid` error with every problem, one per line. */
export function invalidConfig(path: string, problems: readonly string[]): AutopilotError {
  const heading = problems.length > 1 ? [`${basename(path)} has ${problems.length} problems:`] : [];
  return new AutopilotError('config.invalid', [...heading, ...problems].join('\n'));
}

/** Reads YAML or JSON; `path` is a file, a folder that holds a `study.yaml`, or `-` for standard input (only once). */
export function readConfigSource(path: string): ConfigSource {
  const file = path === '-' ? resolve('standard input') : findFile(path);
  const text = path === '-' ? readStandardInput() : readText(file);
  const name = basename(file);
  if (text.trim() === '') {
    throw invalidConfig(file, [`${name}: the file is empty; write a study into it with "autopilot init"`]);
  }
  const lines = new LineCounter();
  const document = parsed(file, text, lines);
  // Warnings count, because an unknown tag would be silently ignored.
  const wrong = [...document.errors, ...document.warnings];
  if (wrong.length > 0) {
    throw invalidConfig(
      file,
      wrong.map((error) => `${name}:${lines.linePos(error.pos[0]).line}: ${syntaxProblem(error)}`),
    );
  }
  const root = document.contents as Node | null;
  if (root === null) {
    throw invalidConfig(file, [`${name}: the file holds only comments; write a study into it with "autopilot init"`]);
  }
  const value = withoutSchema(toPlain(file, () => document.toJS()));
  if (isDeep(value)) throw invalidConfig(file, [`${name}: ${tooDeep}`]);
  return {
    path: file,
    text,
    value,
    lineOf: (fieldPath) => lines.linePos(offsetOf(root, fieldPath)).line,
  };
}

/** Removes `$schema`, which is only for the editor. */
export function withoutSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('$schema' in value)) return value;
  const { $schema, ...rest } = value;
  return rest;
}

function findFile(path: string): string {
  const file = resolve(path);
  let isFolder: boolean;
  try {
    isFolder = statSync(file).isDirectory();
  } catch (cause) {
    throw new AutopilotError('config.invalid', `${path}: ${missing(file, cause)}`, { cause });
  }
  if (!isFolder) return file;
  const inside = configFileNames.map((name) => join(file, name)).filter((each) => existsSync(each));
  const [only] = inside;
  if (only !== undefined && inside.length === 1) return only;
  const problem =
    only === undefined
      ? `is a folder without ${configFileName}; name the config file, or write one with "autopilot init ${path}"`
      : `has both ${configFileNames.join(' and ')}; name the one you mean`;
  throw new AutopilotError('config.invalid', `${path} ${problem}`);
}

function missing(file: string, cause: unknown): string {
  if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') return messageOf(cause);
  let neighbours: string[] = [];
  try {
    neighbours = readdirSync(dirname(file)).filter((name) => /\.(ya?ml|json)$/.test(name));
  } catch {
    return `there is no such file, nor the folder ${dirname(file)}; check the path`;
  }
  const similar = nearest(basename(file), neighbours);
  if (similar !== null) return `there is no such file; did you mean ${join(dirname(file), similar)}?`;
  return 'there is no such file; write one with "autopilot init"';
}

function readText(file: string): string {
  try {
    const found = statSync(file);
    // Reading a pipe could block forever.
    if (!found.isFile()) throw new Error('it is not a regular file; write the config to one');
    if (found.size > mostBytes) {
      throw new Error(`it has ${found.size} bytes, and a config may have at most ${mostBytes}; name the config file`);
    }
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const denied = (cause as NodeJS.ErrnoException).code === 'EACCES';
    const fix = denied ? 'it cannot be read; check its permissions' : messageOf(cause);
    throw new AutopilotError('config.invalid', `${file}: ${fix}`, { cause });
  }
}

function readStandardInput(): string {
  if (isatty(0)) {
    throw new AutopilotError('config.invalid', 'standard input is a terminal: pipe a config in, or name its file');
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const part = Buffer.allocUnsafe(2 ** 16);
      const length = readSync(0, part);
      if (length === 0) break;
      bytes += length;
      if (bytes > mostBytes) throw new Error(`it has more than ${mostBytes} bytes; pipe a config in`);
      parts.push(part.subarray(0, length));
    }
  } catch (cause) {
    throw new AutopilotError('config.invalid', `standard input: ${messageOf(cause)}`, { cause });
  }
  return Buffer.concat(parts).toString('utf8');
}

function parsed(file: string, text: string, lineCounter: LineCounter): ReturnType<typeof parseDocument> {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false });
  } catch (cause) {
    // The parser recurses once per level.
    const problem = cause instanceof RangeError ? tooDeep : `${messageOf(cause)}; correct the YAML`;
    throw new AutopilotError('config.invalid', `${basename(file)}: ${problem}`, { cause });
  }
}

/** Goes level by level, so that depth costs no stack, and visits a value that aliases share only once. */
function isDeep(value: unknown): boolean {
  let level = [value];
  const seen = new Set<unknown>();
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > mostDepth) return true;
    level = level.flatMap((each) => {
      if (typeof each !== 'object' || each === null || seen.has(each)) return [];
      seen.add(each);
      return Object.values(each);
    });
  }
  return false;
}

function syntaxProblem({ code, message }: { code: string; message: string }): string {
  if (message.startsWith('Maximum call stack')) return tooDeep;
  if (code === 'TAB_AS_INDENT') return 'a tab indents this line; YAML indents with spaces';
  if (code === 'DUPLICATE_KEY') return 'this key is given twice; keep one of them';
  if (code === 'MULTIPLE_DOCS') return 'a second document starts here ("---"); a config file holds one study';
  return `${message.replace(/\s+/g, ' ').replace(/\.$/, '')}; correct the YAML here`;
}

/** Expanding aliases may fail (unknown anchors, alias bombs). */
function toPlain(file: string, unfold: () => unknown): unknown {
  try {
    return unfold();
  } catch (cause) {
    throw new AutopilotError('config.invalid', `${basename(file)}: ${messageOf(cause)}; correct the YAML`, { cause });
  }
}

function offsetOf(root: Node, fieldPath: readonly PropertyKey[]): number {
  let node: Node = root;
  let offset = root.range?.[0] ?? 0;
  for (const part of fieldPath) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (pair === undefined) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node;
    } else if (isSeq(node)) {
      const item = node.items[Number(part)] as Node | undefined;
      if (item === undefined) return offset;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else return offset;
  }
  return offset;
}
