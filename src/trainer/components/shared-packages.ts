import { register } from 'node:module';

/**
 * A user's module gets this very program's copy of these packages wherever it lies: a second copy of TensorFlow.js
 * would not know the first one's layers, and the folder of a study need not have a node_modules.
 */
const shared = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'];
const ownNames = ['grescale-autopilot', 'grescale-autopilot/components'];

let registered = false;

export async function sharePackages({ typescript }: { typescript: boolean }): Promise<void> {
  if (!registered) {
    registered = true;
    const own = new URL(`../../components.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url).href;
    const targets = Object.fromEntries([
      ...shared.map((name) => [name, import.meta.resolve(name)]),
      ...ownNames.map((name) => [name, own]),
    ]);
    register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: targets });
  }
  // Compiled, this program runs without a TypeScript loader; under tsx there is one already.
  if (typescript && !import.meta.url.endsWith('.ts')) (await import('tsx/esm/api')).register();
}

const hooks = `
let targets = {};
export function initialize(data) { targets = data; }
export async function resolve(specifier, context, next) {
  const target = targets[specifier];
  const resolved = await next(target ?? specifier, context);
  // Without a package.json beside it, a .ts file would count as CommonJS, which these names do not reach.
  return resolved.format === 'commonjs' && new URL(resolved.url).pathname.endsWith('.ts') ? { ...resolved, format: 'module' } : resolved;
}
`;
