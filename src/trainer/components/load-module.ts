import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { ComponentConfig } from '../../config/sections/components.ts';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { type ComponentKind, componentKinds, helperOf } from './kinds.ts';
import { calling, contractBroken, type Loaded, placeOf } from './loaded.ts';
import { sharePackages } from './shared-packages.ts';

/** The required fields of each kind of definition, with their types. */
const required: Record<ComponentKind, Record<string, 'function' | 'string' | 'number' | 'list'>> = {
  architecture: { build: 'function' },
  dataset: { load: 'function' },
  loss: { loss: 'function' },
  optimizer: { slots: 'list', update: 'function' },
  metric: { name: 'string', counts: 'number', count: 'function', value: 'function' },
  strategy: { name: 'string', average: 'function' },
  callback: {},
};

export interface ModuleOptions {
  /** Its place in the config: `components.loss`. */
  field: string;
  kind: ComponentKind;
  /** `module` is absolute. */
  config: ComponentConfig;
  /** How long a module may take to load. */
  seconds?: number;
}

/** Imports a user's module and checks that it is a complete definition of its kind. */
export async function loadModule<Definition>({
  field,
  kind,
  config,
  seconds = 20,
}: ModuleOptions): Promise<Loaded<Definition>> {
  const { module, parameters } = config;
  const where = `${field} (${module})`;
  if (!existsSync(module)) {
    throw new AutopilotError('component.missing', `${field}: there is no file ${module}; correct its module path.`);
  }
  const exported = await imported(where, module, seconds);
  const helper = helperOf(kind);
  const example = `export default ${helper}({ … })`;
  if (exported === undefined) {
    throw contractBroken(where, `it has no default export; end it with "${example}"`);
  }
  if (typeof exported !== 'object' || exported === null) {
    throw contractBroken(where, `its default export is a ${typeof exported}; write "${example}"`);
  }
  const definition = exported as Record<string, unknown>;
  const { component } = definition;
  if (component !== kind) {
    const other = componentKinds.find((known) => known === component);
    const is = other === undefined ? 'is not made by a define…() helper' : `is made by ${helperOf(other)}`;
    throw contractBroken(where, `its default export ${is}; this place needs "${example}"`);
  }
  for (const [name, type] of Object.entries(required[kind])) {
    const value = definition[name];
    const given = Array.isArray(value) ? 'list' : typeof value;
    if (given === type) continue;
    throw contractBroken(
      where,
      `${helper} needs "${name}" (${type}); it is ${value === undefined ? 'missing' : `a ${given}`}`,
    );
  }
  const methods = Object.entries(definition).map(([name, value]) => [
    name,
    typeof value === 'function'
      ? (...inputs: unknown[]) => calling(where, name, () => value.apply(definition, inputs))
      : value,
  ]);
  return { where, definition: Object.fromEntries(methods) as Definition, parameters };
}

async function imported(where: string, module: string, seconds: number): Promise<unknown> {
  await sharePackages({ typescript: /\.[mc]?ts$/.test(module) });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(hangs(where, seconds)), seconds * 1000);
  });
  try {
    const namespace = await Promise.race([import(pathToFileURL(module).href), late]);
    return (namespace as { default?: unknown }).default;
  } catch (thrown) {
    if (thrown instanceof AutopilotError) throw thrown;
    throw new AutopilotError(
      'component.load',
      `${where} cannot be loaded: ${messageOf(thrown)}${placeOf(thrown)}. Correct the module; "node ${module}" shows the same error`,
      { cause: thrown },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** The error for a module whose top level never finishes. */
export function hangs(where: string, seconds: number): AutopilotError {
  return new AutopilotError(
    'component.hangs',
    `${where} did not finish loading within ${seconds} s; move what it waits for (a download, a server, a loop) out of its top level, into its functions`,
  );
}
