/** One value of a study config, and where it comes from. */
export interface ConfigValue {
  /** `setting.warmupEpochs`. */
  field: string;
  value: unknown;
  /** `config`: written in the file. `default`: left out there. */
  from: 'config' | 'default';
}

/** Every value of a config in force, in order. `given` is the file's content, before defaults. */
export function configOrigins(inForce: unknown, given: unknown, prefix = ''): ConfigValue[] {
  if (!isFields(inForce)) {
    return [{ field: prefix, value: inForce, from: given === undefined ? 'default' : 'config' }];
  }
  return Object.entries(inForce).flatMap(([key, value]) => {
    const field = prefix === '' ? key : `${prefix}.${key}`;
    return value === undefined ? [] : configOrigins(value, isFields(given) ? given[key] : undefined, field);
  });
}

/** Groups of fields are descended into; lists and everything else are values. */
function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}
