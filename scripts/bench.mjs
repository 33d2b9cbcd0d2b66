// `npm run bench -- NAME [options]`: runs bench/NAME.ts; without a name, lists what there is.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { must, root, setup } from './setup.mjs';

const [name, ...rest] = process.argv.slice(2);
const names = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));
if (!name || !existsSync(join(root, 'bench', `${name}.ts`))) {
  console.error(`${name ? `There is no benchmark "${name}". ` : ''}Benchmarks: ${names.join(', ')}.`);
  process.exit(name ? 2 : 0);
}
setup();
must(process.execPath, ['--import', 'tsx', join('bench', `${name}.ts`), ...rest], { why: `The benchmark ${name}` });
