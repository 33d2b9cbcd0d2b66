import { register } from 'node:module';
import { fromSources, ownModule } from '../../protocol/own-file.ts';

/**
 * A user's module gets this very program's copy of these packages wherever it lies: a second copy of TensorFlow.js
 * would not know the first one's layers, and the folder of a study need not have a node_modules.
 */
const shared = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'];
const ownNames = ['grescale-autopilot', 'grescale-autopilot/components'];

let registered: 'nothing' | 'packages' | 'typescript' = 'nothing';

export async function sharePackages({ typescript }: { typescript: boolean }): Promise<void> {
  // Compiled, this program runs without a TypeScript loader; under tsx there is one already. Hooks that are registered
  // later are asked first, so these follow the loader: it would look for the shared names beside the user's module.
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
