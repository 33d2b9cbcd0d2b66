/** Words of a command; a nested list of words is left out when a placeholder in it has no value. */
export type Template = readonly (string | readonly string[])[];

/** Values of placeholders; a missing one is empty. A list becomes several words if its placeholder is a whole word. */
export type Values = Readonly<Record<string, string | readonly string[] | undefined>>;

/** `{name}`, `{name:+text}`, and `{{` for a brace. */
const placeholder = /\{\{|\{(\w+)(?::\+([^}]*))?\}/g;

/** The command of a template, one argument per word: whatever a text value holds, it never becomes several words. */
export function commandOf(template: Template, values: Values): string[] {
  return template.flatMap((part) => {
    if (typeof part === 'string') return wordsOf(part, values);
    const missing = part.some((word) => plainNames(word).some((name) => isEmpty(values[name])));
    return missing ? [] : part.flatMap((word) => wordsOf(word, values));
  });
}

function wordsOf(word: string, values: Values): string[] {
  const alone = /^\{(\w+)\}$/.exec(word)?.[1];
  const list = alone === undefined ? undefined : values[alone];
  return Array.isArray(list) ? [...list] : [filled(word, values, (value) => value)];
}

/** Fills in a text's placeholders; `{name:+text}` becomes `text` if `name` has a value. */
export function filled(text: string, values: Values, written: (value: string) => string): string {
  return text.replace(placeholder, (_, name?: string, companion?: string) => {
    if (name === undefined) return '{';
    const value = values[name];
    if (isEmpty(value)) return '';
    return companion ?? written(typeof value === 'string' ? value : (value ?? []).join(' '));
  });
}

/** A regular expression with its placeholders filled in; values are matched literally. */
export function patternOf(text: string, values: Values): RegExp {
  return new RegExp(
    text.replace(/\{([A-Za-z]\w*)\}/g, (whole, name: string) => {
      const value = values[name];
      return typeof value === 'string' ? value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : whole;
    }),
    'm',
  );
}

/** Every placeholder that a template names. */
export function namesIn(template: Template): string[] {
  return template.flat().flatMap((word) => [...word.matchAll(placeholder)].flatMap(([, name]) => name ?? []));
}

function plainNames(word: string): string[] {
  return [...word.matchAll(placeholder)].flatMap(([, name, companion]) =>
    name !== undefined && companion === undefined ? [name] : [],
  );
}

function isEmpty(value: Values[string]): boolean {
  return value === undefined || value.length === 0;
}
