import type * as z from 'zod';
import { nearest } from '../domain/nearest.ts';
import { choicesWith, keysAt } from './schema-keys.ts';

type Issue = z.core.$ZodIssue;
type Path = PropertyKey[];

/** One thing wrong with a config: the field, and what to write instead. */
export interface ConfigProblem {
  path: Path;
  message: string;
}

/** Turns zod issues into problems that a user can act on. `value` is the whole config as read, `schema` its schema. */
export function problemsOf(issues: readonly Issue[], value: unknown, schema: z.core.$ZodType): ConfigProblem[] {
  return issues
    .filter((issue) => !issues.some((other) => isTighter(other, issue)))
    .flatMap((issue) => problems(issue, [], value, schema));
}

/** Whether both issues say that a value is too large, and `one` has the lower limit. */
function isTighter(one: Issue, other: Issue): boolean {
  const both = one.code === 'too_big' && other.code === 'too_big';
  return both && one.path.join('\0') === other.path.join('\0') && one.maximum < other.maximum;
}

/** `guideline.actions[1].factor`; the whole file is "the config". */
export function fieldName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the config';
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`))
    .join('');
}

function problems(issue: Issue, prefix: Path, root: unknown, schema: z.core.$ZodType): ConfigProblem[] {
  const path = [...prefix, ...issue.path];
  const field = fieldName(path);
  const value = at(root, path);
  const say = (message: string): ConfigProblem[] => [{ path, message }];
  const is = `${field} is ${show(value)}`;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey([...path, key], root, schema) }));
    case 'invalid_type': {
      const wanted = typeNames[issue.expected] ?? `a ${issue.expected}`;
      if (value === undefined) return say(`${field} is missing; add it (${wanted})`);
      if (path.length === 0)
        return say(`the file holds ${show(value)}; write a study's fields, "name: value", one per line`);
      return say(`${is}; give ${wanted}`);
    }
    case 'invalid_value': {
      const choices = issue.values.map(String);
      if (value === undefined) return say(`${field} is missing; choose ${oneOf(choices)}`);
      return say(`${is}; choose ${oneOf(choices)}${didYouMean(value, choices)}`);
    }
    case 'too_small':
    case 'too_big':
      return say(`${is}; give ${bound(issue)}`);
    case 'invalid_format':
      if (path.length === 1 && path[0] === 'name') {
        return say(`${is}; use letters, digits, "-" and "_", starting with a letter or digit`);
      }
      return say(`${is}; ${issue.message}`);
    case 'invalid_key':
      return issue.issues.flatMap((inner) => say(`${field}: ${inner.message}`));
    case 'invalid_union':
      return unionProblems(issue, path, root, schema);
    default:
      return say(value === undefined ? `${field}: ${issue.message}` : `${is}; ${issue.message}`);
  }
}

function unionProblems(
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
  root: unknown,
  schema: z.core.$ZodType,
): ConfigProblem[] {
  const branches = issue.errors;
  const discriminator = issue.discriminator;
  if (discriminator !== undefined) {
    const given = at(root, path);
    const atTag = path.at(-1) === discriminator;
    if (!atTag && (given === null || typeof given !== 'object')) {
      return [{ path, message: `${fieldName(path)} is ${show(given)}; give fields, starting with "${discriminator}"` }];
    }
    const field = atTag ? path : [...path, discriminator];
    const value = at(root, field);
    const choices = keysAt(schema, field, root).choices;
    const which = choices.length > 0 ? `choose ${oneOf(choices)}${didYouMean(value, choices)}` : 'choose a known one';
    const is = value === undefined ? 'is missing' : `is ${show(value)}`;
    const volumes =
      discriminator === 'architecture' && typeof value === 'string' && /3[-_ ]?d/i.test(value)
        ? '. These networks are two-dimensional: prep cuts volumes into slices; for a network on volumes use components.architecture'
        : '';
    return [{ path: field, message: `${fieldName(field)} ${is}; ${which}${volumes}` }];
  }
  // A plain union: report the branch whose own type fits; if none does, name all of them.
  const fitting = branches.find(
    (branch) => !branch.some(({ code, path: at }) => code === 'invalid_type' && at.length === 0),
  );
  if (fitting !== undefined) return fitting.flatMap((inner) => problems(inner, path, root, schema));
  const wanted = branches.flatMap((branch) => {
    const first = branch[0];
    return first?.code === 'invalid_type' ? [typeNames[first.expected] ?? first.expected] : [];
  });
  return [{ path, message: `${fieldName(path)} is ${show(at(root, path))}; give ${oneOf(wanted)}` }];
}

function unknownKey(path: Path, root: unknown, schema: z.core.$ZodType): string {
  const typed = String(path.at(-1));
  const known = keysAt(schema, path.slice(0, -1), root).keys;
  const similar = nearest(typed, known);
  const choices = choicesWith(schema, path, root);
  const fix =
    choices.length > 0
      ? `it belongs to ${oneOf(choices)}`
      : similar === null
        ? `known here: ${known.join(', ')}`
        : `did you mean "${similar}"?`;
  return `${fieldName(path)} is not a known field${choices.length > 0 ? ' here' : ''}; ${fix}`;
}

const typeNames: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  object: 'fields ("name: value", indented)',
  record: 'fields ("name: value", indented)',
  array: 'a list',
};

function bound(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [side, limit] =
    issue.code === 'too_small' ? (['least', issue.minimum] as const) : (['most', issue.maximum] as const);
  if (issue.origin === 'array') return `at ${side} ${limit} ${Number(limit) === 1 ? 'item' : 'items'}`;
  if (issue.origin === 'string') return `at ${side} ${limit} ${Number(limit) === 1 ? 'character' : 'characters'}`;
  if (issue.inclusive) return `at ${side} ${limit}`;
  return `a number ${side === 'least' ? 'above' : 'below'} ${limit}`;
}

function didYouMean(value: unknown, choices: readonly string[]): string {
  const similar = typeof value === 'string' ? nearest(value, choices) : null;
  return similar === null || choices.length < 2 ? '' : ` (did you mean "${similar}"?)`;
}

/** `a, b or c`. */
export function oneOf(choices: readonly string[]): string {
  if (choices.length < 2) return choices[0] ?? 'something else';
  return `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
}

function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a group of fields';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}

function at(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}
