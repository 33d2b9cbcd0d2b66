import type { z } from 'zod';
import { studyConfig } from '../src/config/study-config.ts';
import { commentOn, readComments } from './config-comments.ts';

type Schema = z.core.$ZodType;

/** zod's definition of a schema, with the fields of every kind that a config uses. */
interface Definition {
  type: string;
  innerType?: Schema;
  defaultValue?: unknown;
  shape?: Record<string, Schema>;
  element?: Schema;
  options?: readonly Schema[];
  discriminator?: string;
  entries?: Record<string, string | number>;
  values?: readonly unknown[];
  valueType?: Schema;
  format?: string;
  checks?: readonly z.core.$ZodCheck<never>[];
}

interface Field {
  name: string;
  type: string;
  standard: string;
  meaning: string;
}

const introduction = `# Config reference

Every field of \`study.yaml\`, written from the schemas in \`src/config\` by \`scripts/generate-config-reference.ts\`.
The file is YAML or JSON. Relative paths start at the file's folder. Unknown fields are refused, with the nearest known
one. \`autopilot init\` writes a first config, \`autopilot plan\` shows every value in force and where it comes from.
Editors with a YAML language server complete and check the file by the comment that \`init\` writes on its first line; a
JSON file may name \`schema/study.schema.json\` of the package as its \`$schema\`.

Checked across fields: warmup and decay fit into the epochs; a named data folder is there; the rule \`nonInferiority\`
has at least two baseline runs.

A field without a default must be given.
`;

/** The text of docs/config.md. */
export function configReference(): string {
  const comments = readComments();
  const shape = definition(studyConfig).shape ?? {};
  const plain: Field[] = [];
  const sections: string[] = [];
  for (const [name, schema] of Object.entries(shape)) {
    const { inner, standard } = unwrap(schema);
    const meaning = comments.get(name) ?? '';
    const parts = groups(inner);
    if (parts.length === 0) plain.push({ name, type: typeText(inner), standard, meaning });
    else sections.push(section({ name, inner, standard, meaning, comments }));
  }
  return `${[introduction, '## Top level\n', table(plain), ...sections].join('\n')}`;
}

interface Section {
  name: string;
  inner: Schema;
  standard: string;
  meaning: string;
  comments: ReadonlyMap<string, string>;
}

function section({ name, inner, standard, meaning, comments }: Section): string {
  const { discriminator } = definition(inner);
  const lines = [`## \`${name}\`\n`];
  if (meaning !== '') lines.push(`${meaning}\n`);
  if (discriminator !== undefined && standard !== '') lines.push(`Default: ${standard}.\n`);
  if (definition(inner).type === 'union' && discriminator === undefined) {
    const others = (definition(inner).options ?? []).filter((option) => groups(unwrap(option).inner).length === 0);
    lines.push(
      `${others.map(typeText).join(' or ')}${standard === '' ? '' : `, by default ${standard}`}; or fields:\n`,
    );
  }
  for (const group of groups(inner)) {
    const fields = definition(group).shape ?? {};
    const tag = discriminator === undefined ? null : tagOf(fields[discriminator]);
    if (tag !== null) lines.push(`### \`${name}.${discriminator}: ${tag}\`\n`);
    const rows = fieldsOf({
      shape: fields,
      prefix: '',
      comments,
      path: tag === null ? [name] : [name, tag],
    }).filter((field) => field.name !== discriminator);
    lines.push(rows.length === 0 ? 'No further fields.\n' : table(rows));
  }
  return lines.join('\n');
}

interface Group {
  shape: Record<string, Schema>;
  /** Path of the group, with a trailing dot. */
  prefix: string;
  comments: ReadonlyMap<string, string>;
  /** Names that lead to the group in `comments`: its section, the kind of a union, the fields above it. */
  path: readonly string[];
}

/** The fields of a group, and by their path those of the groups and lists inside it. */
function fieldsOf({ shape, prefix, comments, path }: Group): Field[] {
  return Object.entries(shape).flatMap(([key, schema]) => {
    const { inner, standard } = unwrap(schema);
    const name = `${prefix}${key}`;
    const field = { name, type: typeText(inner), standard, meaning: commentOn([...path, key], comments) };
    const element = definition(inner).element;
    const item = element === undefined ? inner : unwrap(element).inner;
    const list = element === undefined ? '' : '[]';
    const nested = groups(item).flatMap((group) => {
      const fields = definition(group).shape ?? {};
      const { discriminator } = definition(item);
      const kind = discriminator === undefined ? null : tagOf(fields[discriminator]);
      const own = kind === null ? `${name}${list}.` : `${name}${list}(${kind}).`;
      const below = [...path, key, ...(kind === null ? [] : [kind])];
      return fieldsOf({ shape: fields, prefix: own, comments, path: below }).filter(
        (each) => each.name !== `${own}${discriminator}`,
      );
    });
    const bare = nested.length > 0 && element === undefined && field.meaning === '';
    return bare ? nested : [field, ...nested];
  });
}

function tagOf(schema: Schema | undefined): string | null {
  const values = schema === undefined ? undefined : definition(unwrap(schema).inner).values;
  return values === undefined ? null : String(values[0]);
}

/** The groups of fields a schema allows: itself, or those among its alternatives. */
function groups(schema: Schema): Schema[] {
  const { type, options } = definition(schema);
  if (type === 'object') return [schema];
  return type === 'union' ? (options ?? []).flatMap((option) => groups(unwrap(option).inner)) : [];
}

function unwrap(schema: Schema): { inner: Schema; standard: string } {
  const { type, innerType, defaultValue } = definition(schema);
  if (innerType === undefined) return { inner: schema, standard: '' };
  const { inner, standard } = unwrap(innerType);
  if (type === 'default' || type === 'prefault') return { inner, standard: `\`${JSON.stringify(defaultValue)}\`` };
  return { inner, standard: type === 'optional' ? 'left out' : standard };
}

function typeText(schema: Schema): string {
  const { inner } = unwrap(schema);
  const { type, entries, values, element, valueType, options } = definition(inner);
  if (type === 'enum')
    return Object.values(entries ?? {})
      .map((each) => `\`${each}\``)
      .join(', ');
  if (type === 'literal') return (values ?? []).map((each) => `\`${String(each)}\``).join(', ');
  if (type === 'array' && element !== undefined) {
    return groups(unwrap(element).inner).length > 0 ? 'list' : `list of: ${typeText(element)}`;
  }
  if (type === 'record' && valueType !== undefined) return `fields of: ${typeText(valueType)}`;
  if (type === 'union') return [...new Set((options ?? []).map(typeText))].join(' or ');
  if (type === 'number') return numberText(inner);
  return type === 'string' ? 'text' : type === 'boolean' ? 'true or false' : type === 'object' ? 'fields' : type;
}

function numberText(schema: Schema): string {
  const { format, checks = [] } = definition(schema);
  const bounds = checks.flatMap((each) => {
    const { check, value, inclusive } = each._zod.def as { check: string; value?: unknown; inclusive?: boolean };
    if (check === 'greater_than') return [`${inclusive ? 'from' : 'above'} ${value}`];
    return check === 'less_than' ? [`${inclusive ? 'to' : 'below'} ${value}`] : [];
  });
  return [format === 'safeint' ? 'whole number' : 'number', ...bounds].join(' ');
}

function definition(schema: Schema): Definition {
  return schema._zod.def as unknown as Definition;
}

function table(fields: readonly Field[]): string {
  const rows = fields.map(
    ({ name, type, standard, meaning }) => `| \`${name}\` | ${cell(type)} | ${cell(standard)} | ${cell(meaning)} |`,
  );
  return ['| field | value | default | meaning |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
