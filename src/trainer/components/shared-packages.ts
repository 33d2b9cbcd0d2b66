import { register } from 'node:module';
import { fromSources, ownModule } from '../../protocol/own-file.ts';

/**
 * Wherever a user's module is, it gets this program's own copy of these packages: a second copy of TensorFlow.js would
 * not know the first one's layers, and the folder of a study need not have a node_modules.
 */
const shared = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'];
const ownNames = ['grescale-autopilot', 'grescale-autopilot/components'];

let registered: 'nothing' | 'packages' | 'typescript' = 'nothing';

export async function sharePackages({ typescript }: { typescript: boolean }): Promise<void> {
  // When compiled, this program has no TypeScript loader; under tsx it already has one. Hooks registered later run
  // first, so these come after the loader, which would look for the shared names next to the user's module.
  const needsLoader = typescript && !fromSources && registered !== 'typescript';
  if (needsLoader) (await import('tsx/esm/api')).register();
  if (needsLoader || registered === 'nothing') {
    registered = typescript ? 'typescript' : 'packages';
    const own = ownModule('components').href;
    const targets = Object.fromEntries([
      ...shared.map((name) => [name, import.meta.resolve(name)]),
      ...ownNames.map((name) => [name, own]),
    ]);
    register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: targets });
  }
}

const hooks = `
let targets = {};
export function initialize(data) { targets = data; }
export async function resolve(specifier, context, next) {
  const target = targets[specifier];
  const resolved = await next(target ?? specifier, context);
  // Without a package.json beside it, a .ts file would count as CommonJS, which these names do not reach; Node 20 says
  // commonjs, 22 and 24 say commonjs-typescript or leave it open.
  const isModule = String(resolved.format).startsWith('module');
  return !isModule && new URL(resolved.url).pathname.endsWith('.ts') ? { ...resolved, format: 'module' } : resolved;
}
`;
