import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { declarations, modulesInTypeScript } from './consumers.ts';
import { type InstalledProject, must } from './installed-project.ts';
import { own, type PackedProject, packedProject, root } from './pack.ts';

let project: PackedProject;
beforeAll(async () => {
  project = await packedProject();
}, 120_000);

const command = (program: string, args: string[], cwd = project.folder) =>
  execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: project.env });
const autopilot = (args: string[], cwd?: string) => command(project.program, args, cwd);
/** The project as the table's consumers know one, in a folder of its own. */
const installed = (folder: string): InstalledProject => ({
  folder,
  autopilot: (args, codes) => must([project.program, ...args], folder, project.env, codes),
  command: (line, codes) => must(line, folder, project.env, codes),
});
const evaluate = (script: string) => command('node', ['--input-type=module', '-e', script]).trim();

it('holds its own packages as folders, so that none of the same name is fetched from a registry', () => {
  const { dependencies, bundleDependencies } = JSON.parse(
    readFileSync(path.join(project.product, 'package.json'), 'utf8'),
  );
  expect(Object.keys(dependencies).filter((name) => own.includes(name))).toEqual([]);
  expect(bundleDependencies).toBeUndefined();
  expect(evaluate(`console.log(typeof (await import('grescale-autopilot/mpi-node')).mpiStatus().available)`)).toBe(
    'boolean',
  );
  const packed = readdirSync(project.product, { recursive: true, encoding: 'utf8' });
  expect(packed.filter((file) => /\.map$|\.test\.[jt]s$|\.tsx$|dashboard\/web/.test(file))).toEqual([]);
});

it('holds the licences of the packages that its bundle has code of', () => {
  const licences = readFileSync(path.join(project.product, 'dist/src/program/LICENSES.txt'), 'utf8');
  for (const holder of ['Colin McDonnell', 'Paul Miller', 'Jason Miller', 'Sindre Sorhus'])
    expect(licences).toContain(holder);
});

it("carries the modules that it loads late, which Yarn's Plug'n'Play would not find on Node 20", () => {
  const program = path.join(project.product, 'dist/src/program');
  const files = readdirSync(program).filter((file) => file.endsWith('.js'));
  const texts = files.map((file) => readFileSync(path.join(program, file), 'utf8'));
  expect(texts.filter((text) => /\(['"](?:string-width|wrap-ansi)['"]\)/.test(text))).toEqual([]);
  expect(texts.filter((text) => text.includes('get-east-asian-width/index.js'))).not.toEqual([]);
});

it('starts the command from the packed files and finds the back ends that need nothing', () => {
  expect(autopilot(['--version']).trim()).toBe('0.1.0');
  expect(autopilot(['models', 'list'])).toContain('cerebellum-t1');
  const { checks } = JSON.parse(autopilot(['doctor', '--json']));
  const state = (name: string) => checks.find((check: { name: string }) => check.name === `compute ${name}`)?.state;
  expect([state('embedded'), state('cpu')]).toEqual(['ok', 'ok']);
});

it('serves the page, its programs and the libraries that they load', async () => {
  const folder = project.inside();
  autopilot(['init', folder, '--yes', '--trainer', 'simulated', '--epochs', '4']);
  // With or without an answer.
  installed(project.folder).autopilot(['run', folder, '--project', folder], [0, 3]);
  const page = spawn(project.program, ['dashboard', '--project', folder, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [text] = (await once(page.stdout.setEncoding('utf8'), 'data')) as [string];
    const address = new URL(/http:\S+/.exec(text)![0]);
    const opened = await fetch(address, { redirect: 'manual' });
    const headers = { cookie: opened.headers.get('set-cookie')!.split(';')[0]! };
    for (const file of ['/', '/app.js', '/style.css', '/icon.svg', '/vendor/echarts.js'])
      expect([file, (await fetch(new URL(file, address), { headers })).status]).toEqual([file, 200]);
  } finally {
    page.kill();
  }
});

describe('where install scripts were held back', () => {
  let product: string;

  beforeAll(() => {
    const modules = path.join(project.inside(), 'node_modules');
    product = path.join(modules, 'grescale-autopilot');
    const withoutBuilt = { recursive: true, filter: (file: string) => !/[/\\](?:build|deps)$/.test(file) };
    cpSync(project.product, product, withoutBuilt);
    cpSync(path.join(root, 'node_modules/better-sqlite3'), path.join(modules, 'better-sqlite3'), withoutBuilt);
  });

  const said = (...args: string[]) =>
    spawnSync(path.join(product, 'bin/autopilot.js'), args, { cwd: product, encoding: 'utf8', env: project.env });

  it('says that the MPI addon is missing, and the command that builds it in the installed package', () => {
    const { checks } = JSON.parse(said('doctor', '--json', '--no-speed').stdout);
    const addon = checks.find((check: { name: string }) => check.name === 'MPI addon');
    expect(addon).toMatchObject({ state: 'missing', fix: expect.stringContaining('only for launcher mpi') });
    const [, build = ''] = /run: node (\S+)/.exec(addon.fix) ?? [];
    expect(build).toBe(path.join(product, 'packages/mpi-node/install/build.js'));
    expect(existsSync(build)).toBe(true);
  });

  it('says that the store cannot be opened, and the command that builds what is missing', () => {
    const folder = project.inside();
    said('init', folder, '--yes', '--trainer', 'simulated');
    const { status, stdout } = said('run', folder, '--project', folder, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout).error).toEqual({
      code: 'store.noSqlite',
      message: expect.stringMatching(/^SQLite's native part \(better-sqlite3\) is missing/),
    });
    expect(stdout).toContain(`Build it with: node ${path.join(product, 'packages/install.mjs')}`);
  });
});

it('imports the library and its components by the names users write', () => {
  expect(
    evaluate(`const a = await import('grescale-autopilot'), b = await import('grescale-autopilot/components');
    console.log(Object.keys(a).length > 0 && Object.keys(b).length > 0)`),
  ).toBe('true');
});

it.each(['node16', 'bundler'] as const)('declares types that hold with skipLibCheck off, under %s', (resolution) => {
  expect(declarations(resolution)(installed(project.inside()))).toBe('ok');
});

it.each([
  ['schedules', 'greScale', 4_000],
  ['machines', 'guideline', 50_000],
])('gives a page %s by itself, small as it is sent (gzip), and it runs there', async (entry, name, bytes) => {
  const contents = `import { ${name} } from 'grescale-autopilot/${entry}'; globalThis.found = typeof ${name};`;
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: project.folder },
    bundle: true,
    minify: true,
    platform: 'browser',
    write: false,
  });
  const text = outputFiles[0]?.text ?? '';
  expect(gzipSync(text).length).toBeLessThan(bytes);
  const page = { globalThis: {} as { found?: string } };
  runInNewContext(text, { ...page, TextEncoder });
  expect(page.globalThis.found).toMatch(/function|object/);
});

it('loads modules in TypeScript, as the docs show them, in a folder that has nothing else', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'study-'));
  expect(await modulesInTypeScript(installed(folder))).toBe('7 modules');
});

it('trains an ordinary TensorFlow.js program on the packed back end', () => {
  writeFileSync(
    path.join(project.folder, 'train.mjs'),
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
  expect(command('node', ['train.mjs']).trim()).toBe('autopilot-embedded true');
});
