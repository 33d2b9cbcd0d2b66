import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pageExamples } from '../support/page-examples.ts';

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
  command('npm', ['pack', '--pack-destination', scratch], source);
  linkModules(modules);
  unpack('grescale-autopilot-0.1.0.tgz', product);
}, 120_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const project = path.dirname(modules);
const evaluate = (script: string) => command('node', ['--input-type=module', '-e', script], project).trim();

it('holds its own packages as folders, so that none of the same name is fetched from a registry', () => {
  const { dependencies, bundleDependencies } = JSON.parse(readFileSync(path.join(product, 'package.json'), 'utf8'));
  expect(Object.keys(dependencies).filter((name) => own.includes(name))).toEqual([]);
  expect(bundleDependencies).toBeUndefined();
  expect(evaluate(`console.log((await import('grescale-autopilot/mpi-node')).mpiStatus().available)`)).toBe('false');
  const packed = readdirSync(product, { recursive: true, encoding: 'utf8' });
  expect(packed.filter((file) => /\.map$|\.test\.[jt]s$/.test(file))).toEqual([]);
});

it('holds the licences of the packages that its bundle has code of', () => {
  const licences = readFileSync(path.join(product, 'dist/src/program/LICENSES.txt'), 'utf8');
  for (const holder of ['Colin McDonnell', 'Paul Miller']) expect(licences).toContain(holder);
});

it('starts the command from the packed files and finds the back ends that need nothing', () => {
  const program = path.join(product, 'bin/autopilot.js');
  expect(command(program, ['--version'], project).trim()).toBe('0.1.0');
  expect(command(program, ['models', 'list'], project)).toContain('cerebellum-t1');
  const { checks } = JSON.parse(command(program, ['doctor', '--json'], project));
  const state = (name: string) => checks.find((check: { name: string }) => check.name === `compute ${name}`)?.state;
  expect([state('embedded'), state('cpu')]).toEqual(['ok', 'ok']);
});

it('serves the page, its programs and the libraries that they load', async () => {
  const program = path.join(product, 'bin/autopilot.js');
  const folder = path.join(project, 'study');
  command(program, ['init', folder, '--yes', '--trainer', 'simulated', '--epochs', '4'], project);
  command(program, ['run', folder, '--project', folder], project);
  const page = spawn(program, ['dashboard', '--project', folder, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [text] = (await once(page.stdout.setEncoding('utf8'), 'data')) as [string];
    const address = new URL(/http:\S+/.exec(text)![0]);
    const opened = await fetch(address, { redirect: 'manual' });
    const headers = { cookie: opened.headers.get('set-cookie')!.split(';')[0]! };
    for (const file of ['/', '/app.js', '/words.js', '/vendor/preact.js', '/vendor/echarts.js'])
      expect([file, (await fetch(new URL(file, address), { headers })).status]).toEqual([file, 200]);
  } finally {
    page.kill();
  }
});

it('says that the MPI addon is missing, and the command that builds it in the installed package', () => {
  const program = path.join(product, 'bin/autopilot.js');
  const { checks } = JSON.parse(command(program, ['doctor', '--json', '--no-speed'], project));
  const addon = checks.find((check: { name: string }) => check.name === 'MPI addon');
  expect(addon).toMatchObject({ state: 'missing', fix: expect.stringContaining('only for launcher mpi') });
  const [, build = ''] = /run: node (\S+)/.exec(addon.fix) ?? [];
  expect(build).toBe(path.join(product, 'packages/mpi-node/install/build.js'));
  expect(existsSync(build)).toBe(true);
});

it('imports the library and its components by the names users write', () => {
  expect(
    evaluate(`const a = await import('grescale-autopilot'), b = await import('grescale-autopilot/components');
    console.log(Object.keys(a).length > 0 && Object.keys(b).length > 0)`),
  ).toBe('true');
});

it.each(['node16', 'bundler'])('declares types that hold with skipLibCheck off, under %s', (moduleResolution) => {
  const names = ['', '/components', '/schedules', '/machines', '/imgmed', '/mpi-node', '/tfjs-backend-autopilot'];
  const uses = names.map((name, index) => `import * as use${index} from 'grescale-autopilot${name}';\n`);
  writeFileSync(path.join(project, 'uses.mts'), `${uses.join('')}export { ${names.map((_, i) => `use${i}`)} };\n`);
  const flags = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--types', ''];
  const module = moduleResolution === 'bundler' ? 'esnext' : moduleResolution;
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, ...flags, '--module', module, '--moduleResolution', moduleResolution, 'uses.mts'];
  const { stdout } = spawnSync('node', args, { cwd: project, encoding: 'utf8' });
  // TensorFlow.js declares against WebGPU types that clash with TypeScript's own, and breaks rules of its own.
  const errors = stdout
    .split('\n')
    .filter((line) => /error TS/.test(line) && !/@tensorflow|@webgpu|lib\.dom\.d\.ts/.test(line));
  expect(errors).toEqual([]);
});

it.each([
  ['schedules', 'greScale', 10_000],
  ['machines', 'guideline', 120_000],
])('gives a page %s by itself, small, and it runs there', async (entry, name, bytes) => {
  const contents = `import { ${name} } from 'grescale-autopilot/${entry}'; globalThis.found = typeof ${name};`;
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: project },
    bundle: true,
    minify: true,
    platform: 'browser',
    write: false,
  });
  const text = outputFiles[0]?.text ?? '';
  expect(text.length).toBeLessThan(bytes);
  const page = { globalThis: {} as { found?: string } };
  runInNewContext(text, { ...page, TextEncoder });
  expect(page.globalThis.found).toMatch(/function|object/);
});

it('loads modules in TypeScript, as the docs show them, in a folder that has nothing else', () => {
  const folder = mkdtempSync(path.join(scratch, 'study-'));
  const examples = pageExamples('own-modules.md', ['ts', 'yaml']);
  for (const { file, text } of examples) writeFileSync(path.join(folder, file), text);
  const plan = command(path.join(product, 'bin/autopilot.js'), ['plan', folder, '--load'], folder);
  for (const { file } of examples.filter((each) => each.file.endsWith('.ts'))) {
    expect(plan).toContain(`${folder}/${file}  [your module]`);
  }
});

it('trains an ordinary TensorFlow.js program on the packed back end', () => {
  writeFileSync(
    path.join(project, 'train.mjs'),
    `import * as tf from '@tensorflow/tfjs-core';
import { registerEmbedded } from 'grescale-autopilot/tfjs-backend-autopilot';
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
