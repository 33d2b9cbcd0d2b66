// `npm run bench -- NAME [options]`: runs bench/NAME.ts, or with --help prints its head comment; without a name, lists
// the benchmarks.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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
const program = readFileSync(join(root, 'bench', `${name}.ts`), 'utf8');
if (rest.includes('--help') || rest.includes('-h')) {
  console.log(headOf(program));
  process.exit(0);
}
setup();
const preloaded = ['tsx', './bench/support/print-refusals.ts'].flatMap((module) => ['--import', module]);
must(process.execPath, [...preloaded, join('bench', `${name}.ts`), ...rest], { why: `The benchmark ${name}` });

/** The text of a program's head comment. */
function headOf(text) {
  const comment = (/^(?:\/\/.*\n)+/.exec(text) ?? /^\/\*[\s\S]*?\*\//m.exec(text))?.[0] ?? '';
  const lines = comment
    .split('\n')
    .map((line) => line.replace(/^ ?(?:\/\*+|\*\/|\*|\/\/) ?/, '').replace(/ ?\*\/$/, ''));
  return lines.join('\n').trim();
}
