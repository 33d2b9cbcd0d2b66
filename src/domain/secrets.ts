/** `${env:NAME}`: a value read from autopilot's own environment when a training is launched, and stored nowhere. */
const reference = /\$\{env:([A-Za-z_]\w*)\}/g;

/** Whether a variable of this name holds a secret. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .split(/[^A-Z0-9]+/);
  if (words.some((word) => /^(PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIALS?)$/.test(word))) return true;
  return /^(API)?(KEY|TOKEN)$/.test(words.at(-1) ?? '');
}

/** Whether a text contains anything besides its references. */
export function isInClear(text: string): boolean {
  return text.replace(reference, '').trim() !== '';
}

/** The variables that a text refers to. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(reference)].map(([, name = '']) => name);
}

/** The text with its references replaced by their values; unset ones stay as they are. */
export function withReferences(text: string, environment: Record<string, string | undefined>): string {
  return text.replace(reference, (whole, name: string) => environment[name] ?? whole);
}

const mask = '\u2022\u2022\u2022';

/**
 * A config, or an event that carries one, made safe to share: values in plain text under the name of a secret, in an
 * `environment` or in `parameters`, are masked. Configs of earlier versions may have some.
 */
export function withoutSecrets<Value>(value: Value): Value {
  return covered(value, false) as Value;
}

function covered(value: unknown, named: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => covered(item, named));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (named && typeof item === 'string' && isSecretName(name) && isInClear(item)) return [name, mask];
      return [name, covered(item, named || name === 'environment' || name === 'parameters')];
    }),
  );
}
