import * as z from 'zod';

/** What a schema allows at one place in a config. */
export interface KnownHere {
  /** Field names, if the place is a group of fields. */
  keys: string[];
  /** Values to choose from, if the place is a choice. */
  choices: string[];
}

type Schema = z.core.$ZodType;
type Node = z.core.JSONSchema.BaseSchema;

/** The fields and choices that `schema` allows at `path`; a union is narrowed by the value there. */
export function keysAt(schema: Schema, path: readonly PropertyKey[], root: unknown): KnownHere {
  const { whole, nodes, value } = placeAt(schema, path, root);
  const level = nodes.flatMap((node) => expand(whole, node, value));
  const choices = level.flatMap((node) => node.enum ?? ('const' in node ? [node.const] : []));
  return {
    keys: [...new Set(level.flatMap((node) => Object.keys(node.properties ?? {})))],
    choices: [...new Set(choices.map(String))],
  };
}

/** The alternatives, such as `rule: nonInferiority`, that have the field which the chosen one lacks. */
export function choicesWith(schema: Schema, path: readonly PropertyKey[], root: unknown): string[] {
  const { whole, nodes } = placeAt(schema, path.slice(0, -1), root);
  return nodes.flatMap((node) =>
    (resolved(whole, node).oneOf ?? []).flatMap((option) =>
      option.properties?.[String(path.at(-1))] === undefined
        ? []
        : tagsOf(option).map(([name, tag]) => `${name}: ${String(tag)}`),
    ),
  );
}

/** The schemas that apply at a place, with unions not yet expanded, and the value there. */
function placeAt(schema: Schema, path: readonly PropertyKey[], root: unknown) {
  const whole: Node = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  let nodes = [whole];
  let value = root;
  for (const part of path) {
    nodes = nodes.flatMap((node) => expand(whole, node, value)).flatMap((node) => childOf(node, part));
    value = isRecord(value) ? value[part] : undefined;
  }
  return { whole, nodes, value };
}

/** Resolves references and unions to every plain schema that may apply to `value`. */
function expand(whole: Node, node: Node, value: unknown): Node[] {
  const { anyOf, oneOf, ...plain } = resolved(whole, node);
  const options = (anyOf ?? oneOf ?? []).flatMap((option) => expand(whole, option, value));
  if (options.length === 0) return [plain];
  const chosen = options.filter((option) => {
    const tags = tagsOf(option);
    if (tags.length === 0 || !isRecord(value)) return false;
    // An option whose tag may be left out is the one chosen by leaving it out.
    return tags.every(([name, tag]) => (name in value ? value[name] === tag : !option.required?.includes(name)));
  });
  return chosen.length > 0 ? chosen : options;
}

/** The fields with a constant value, which tell the options of a union apart. */
function tagsOf({ properties = {} }: Node): [name: string, value: unknown][] {
  return Object.entries(properties).flatMap(([name, field]) =>
    typeof field === 'object' && 'const' in field ? [[name, field.const]] : [],
  );
}

function resolved(whole: Node, node: Node): Node {
  const name = node.$ref?.split('/').at(-1);
  if (node.$ref === '#') return whole;
  return name === undefined ? node : resolved(whole, nodeOf(whole.$defs?.[name]));
}

function childOf({ properties, items, additionalProperties }: Node, part: PropertyKey): Node[] {
  const child = properties?.[String(part)] ?? (typeof part === 'number' ? items : additionalProperties);
  return typeof child === 'object' && !Array.isArray(child) ? [child] : [];
}

function nodeOf(schema: z.core.JSONSchema._JSONSchema | undefined): Node {
  return typeof schema === 'object' ? schema : {};
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}
