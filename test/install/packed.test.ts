import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const own = ['mpi-node', 'tfjs-backend-autopilot'];
const scratch = mkdtempSync(path.join(tmpdir(), 'packed-'));
const source = path.join(scratch, 'source');
const modules = path.join(scratch, 'project/node_modules');
const product = path.join(modules, 'grescale-autopilot');

const command = (program: string, args: string[], cwd: string) =>
  execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Links what the registry gave this repository, without the repository's own packages. */
function linkModules(folder: string) {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(path.join(root, 'node_modules')))
    if (!own.includes(name)) symlinkSync(path.join(root, 'node_modules', name), path.join(folder, name));
}

function unpack(tarball: string, folder: string) {
  mkdirSync(folder, { recursive: true });
  command('tar', ['xzf', tarball, '--strip-components=1', '-C', folder], scratch);
}

/** Packs in a copy, since packing replaces `dist`, which other tests use. */
beforeAll(() => {
  const left = new Set(['node_modules', 'dist', '.git', 'runs', 'coverage']);
  cpSync(root, source, { recursive: true, filter: (file) => !left.has(path.relative(root, file)) });
  linkModules(path.join(source, 'node_modules'));
  for (const name of own) symlinkSync(`../packages/${name}`, path.join(source, 'node_modules', name));
  command('npm', ['pack', '--pack-destination', scratch], source);
  command('npm', ['pack', '--pack-destination', scratch], path.join(source, 'packages/tfjs-backend-autopilot'));
  linkModules(modules);
  unpack('grescale-autopilot-0.1.0.tgz', product);
  unpack('tfjs-backend-autopilot-0.1.0.tgz', path.join(modules, 'tfjs-backend-autopilot'));
}, 120_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const project = path.dirname(modules);
const evaluate = (script: string) => command('node', ['--input-type=module', '-e', script], project).trim();

it('packs its own packages inside, so that no package of the same name is fetched', () => {
  for (const name of own) expect(existsSync(path.join(product, 'node_modules', name, 'package.json'))).toBe(true);
  const packed = readdirSync(product, { recursive: true, encoding: 'utf8' });
  expect(packed.filter((file) => /\.map$|\.test\.[jt]s$/.test(file))).toEqual([]);
});

it('starts the command from the packed files and finds the back ends that need nothing', () => {
  const main = path.join(product, 'dist/src/cli/main.js');
  expect(command('node', [main, '--version'], project).trim()).toBe('0.1.0');
  const { checks } = JSON.parse(command('node', [main, 'doctor', '--json'], project));
  const state = (name: string) => checks.find((check: { name: string }) => check.name === `compute ${name}`)?.state;
  expect([state('embedded'), state('cpu')]).toEqual(['ok', 'ok']);
});

it('imports the library and its components by the names users write', () => {
  expect(
    evaluate(`const a = await import('grescale-autopilot'), b = await import('grescale-autopilot/components');
    console.log(Object.keys(a).length > 0 && Object.keys(b).length > 0)`),
  ).toBe('true');
});

it('trains an ordinary TensorFlow.js program on the packed back end', () => {
  writeFileSync(
    path.join(project, 'train.mjs'),
    `import * as tf from '@tensorflow/tfjs-core';
import { registerEmbedded } from 'tfjs-backend-autopilot';
import '@tensorflow/tfjs-layers'; // registers gradients and chained operations
registerEmbedded({});
await tf.setBackend('autopilot-embedded');
const w = tf.variable(tf.scalar(0));
const step = () => tf.train.sgd(0.1).minimize(() => tf.square(tf.sub(w, 3)), true).dataSync()[0];
const first = step();
let last = first;
for (let i = 0; i < 20; i++) last = step();
console.log(tf.getBackend(), last < first / 10);
process.exit(0);
`,
  );
  expect(command('node', ['train.mjs'], project).trim()).toBe('autopilot-embedded true');
});
