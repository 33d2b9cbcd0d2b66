import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** The schemas' doc comments by `section`, or by `section.field`, `section.kind.field` or `section.group.field`. */
export function readComments(): Map<string, string> {
  const folder = new URL('../src/config/', import.meta.url);
  const comments = new Map<string, string>();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  for (const file of files.sort()) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    for (const [key, words] of commentsIn(text, file === 'study-config.ts' ? null : basename(file, '.ts'))) {
      if (!comments.has(key) || file === 'study-config.ts') comments.set(key, words);
    }
  }
  return comments;
}

/** Comments by key: each line starts a schema, a kind of a union or a field, told apart by its indentation. */
function* commentsIn(text: string, section: string | null): Generator<[key: string, words: string]> {
  const marks = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/|^( *)(?:export )?(?:const )?(\w+)( =|:|,$)( z\.literal\('(\w+)'\))?/gm;
  let schema = '';
  let kind: string[] = [];
  let above: { name: string; depth: number }[] = [];
  let words = '';
  for (const [, comment, indent = '', name = '', mark, , literal] of text.matchAll(marks)) {
    if (comment !== undefined) {
      words = comment
        .replace(/^\s*\*/gm, '')
        .replace(/\s+/g, ' ')
        .trim();
      continue;
    }
    const depth = indent.length;
    if (depth === 0) {
      schema = name.endsWith('Config') ? name.slice(0, -'Config'.length) : '';
      [kind, above] = [[], []];
    }
    above = above.filter((each) => each.depth < depth);
    if (literal !== undefined) [kind, above] = [[literal], []];
    const fields = [...above.map((each) => each.name), ...(depth === 0 && schema !== '' ? [] : [name])];
    const key = [...(section === null ? [] : [fields.length === 0 ? schema : section]), ...kind, ...fields].join('.');
    if (words !== '') yield [key, words];
    words = '';
    if (depth > 0 && mark === ':' && literal === undefined) above.push({ name, depth });
  }
}

/** Fields whose schema is in another one's file. */
const included: Record<string, string> = { augmentation: 'prep' };

/** The comment on the field, also in a schema that its section includes: `prep.zoom` for `data.prep.augment.zoom`. */
export function commentOn(path: readonly string[], comments: ReadonlyMap<string, string>): string {
  const [section = '', ...below] = path;
  for (let start = 0; start < below.length; start += 1) {
    const rest = below.slice(start).join('.');
    const places = [section, ...below.slice(0, start).map((name) => included[name] ?? name)];
    const found = places.map((place) => comments.get(`${place}.${rest}`)).findLast((each) => each !== undefined);
    if (found !== undefined) return found;
  }
  return '';
}

interface JsonSchema {
  description?: string;
  properties?: Record<string, JsonSchema>;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  const?: unknown;
}

/** Adds the comments to a study's JSON Schema as descriptions, which editors show. */
export function describeFields(schema: JsonSchema, comments: ReadonlyMap<string, string>, path: string[] = []): void {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const own = [...path, name];
    const meaning = path.length === 0 ? (comments.get(name) ?? '') : commentOn(own, comments);
    if (meaning !== '') field.description ??= meaning;
    describeFields(field, comments, own);
  }
  for (const each of [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]) {
    const kind = Object.values(each.properties ?? {}).find((field) => typeof field.const === 'string')?.const;
    describeFields(each, comments, typeof kind === 'string' ? [...path, kind] : path);
  }
  if (schema.items !== undefined) describeFields(schema.items, comments, path);
}
