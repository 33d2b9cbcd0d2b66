import type * as z from 'zod';

/** What a schema knows at one place of a config. */
export interface KnownHere {
  /** Field names, when the place is a group of fields. */
  keys: string[];
  /** Values to choose from, when the place is a choice. */
  choices: string[];
}

type Schema = z.core.$ZodType;

/** The fields and choices that `schema` knows at `path`; a union is narrowed by the value that is there. */
export function keysAt(schema: Schema, path: readonly PropertyKey[], root: unknown): KnownHere {
  const { entries, value } = placeAt(schema, path, root);
  const level = entries.flatMap((entry) => expand(entry, value));
  const keys = new Set<string>();
  const choices = new Set<string>();
  for (const entry of level) {
    const def = definition(entry);
    if (def.type === 'object') for (const key of Object.keys(def.shape)) keys.add(key);
    if (def.type === 'enum') for (const choice of Object.values(def.entries)) choices.add(String(choice));
    if (def.type === 'literal') for (const choice of def.values) choices.add(String(choice));
  }
  return { keys: [...keys], choices: [...choices] };
}

/** The choices beside the one made, such as `rule: nonInferiority`, that know the field which this one does not. */
export function choicesWith(schema: Schema, path: readonly PropertyKey[], root: unknown): string[] {
  const { entries } = placeAt(schema, path.slice(0, -1), root);
  return entries.flatMap((entry) => {
    const union = definition(unwrapped(entry));
    if (union.type !== 'union' || union.discriminator === undefined) return [];
    const { discriminator, options } = union;
    return options.flatMap((option) => {
      const inner = definition(option);
      if (inner.type !== 'object' || inner.shape[String(path.at(-1))] === undefined) return [];
      const tag = inner.shape[discriminator];
      const literal = tag && definition(unwrapped(tag));
      return literal?.type === 'literal' ? literal.values.map((value) => `${discriminator}: ${String(value)}`) : [];
    });
  });
}

/** What may stand at a place, unions unopened, and the value that does. */
function placeAt(schema: Schema, path: readonly PropertyKey[], root: unknown): { entries: Schema[]; value: unknown } {
  let entries = [schema];
  let value = root;
  for (const part of path) {
    entries = entries.flatMap((entry) => expand(entry, value)).flatMap((entry) => childOf(entry, part));
    value = isRecord(value) ? value[part] : undefined;
  }
  return { entries, value };
}

type Definition =
  | { type: 'object'; shape: Record<string, Schema> }
  | { type: 'array'; element: Schema }
  | { type: 'union'; options: readonly Schema[]; discriminator?: string }
  | { type: 'optional' | 'default' | 'prefault' | 'nullable' | 'readonly' | 'nonoptional' | 'catch'; innerType: Schema }
  | { type: 'pipe'; in: Schema }
  | { type: 'lazy'; getter: () => Schema }
  | { type: 'record'; valueType: Schema }
  | { type: 'enum'; entries: Record<string, string | number> }
  | { type: 'literal'; values: readonly unknown[] }
  | { type: 'other' };

/** zod's own description of a schema, as the kinds a config is made of. */
export function definition(schema: Schema): Definition {
  return schema._zod.def as unknown as Definition;
}

/** Behind defaults and unions: every plain schema that may apply to `value`. */
function expand(schema: Schema, value: unknown): Schema[] {
  const def = definition(schema);
  if ('innerType' in def) return expand(def.innerType, value);
  if (def.type === 'pipe') return expand(def.in, value);
  if (def.type === 'lazy') return expand(def.getter(), value);
  if (def.type !== 'union') return [schema];
  const options = def.options.flatMap((option) => expand(option, value));
  const { discriminator } = def;
  if (discriminator === undefined || !isRecord(value)) return options;
  const chosen = options.filter((option) => {
    const inner = definition(option);
    const tag = inner.type === 'object' ? inner.shape[discriminator] : undefined;
    if (tag === undefined) return false;
    const [outer, literal] = [definition(tag), definition(unwrapped(tag))];
    // A choice that need not be named is the one that is made without a name.
    if (value[discriminator] === undefined) return 'innerType' in outer;
    return literal.type === 'literal' && literal.values.includes(value[discriminator]);
  });
  return chosen.length > 0 ? chosen : options;
}

/** Behind its defaults. */
function unwrapped(schema: Schema): Schema {
  const def = definition(schema);
  return 'innerType' in def ? unwrapped(def.innerType) : schema;
}

function childOf(schema: Schema, part: PropertyKey): Schema[] {
  const def = definition(schema);
  if (def.type === 'object') return def.shape[String(part)] ? [def.shape[String(part)]!] : [];
  if (def.type === 'array') return [def.element];
  if (def.type === 'record') return [def.valueType];
  return [];
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}
