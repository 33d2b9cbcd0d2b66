// Bundles everything started as a process or a thread into dist/src/program, from the compiled files in dist: a rank,
// an engine or a command then reads a few dozen files instead of 300, which halves the processor time of a start and
// spares a cluster's shared folder 300 reads per rank. The library (dist/src/index.js) stays as compiled. The
// dashboard's page, which a browser reads, becomes one file in dist/src/program/page.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { pageProgram } from '../dist/src/dashboard/page-program.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = 'dist/src/program';

/** What a rank executes and what a user's module imports. */
const ofRanks = ['trainer/worker/main', 'components'];
/**
 * Entries bundled together share modules, split into one file per set of entries that reach them; node takes over half
 * a millisecond for each file. Only entries loaded into the same process have to be together.
 */
const bundles = [
  [...ofRanks, 'trainer/components/check-main'],
  ['cli/main'],
  ['trainer/simulated/main'],
  ['imgmed/prep/prep-worker'],
  ['imgmed/check/check-worker'],
  ['launcher/slurm/resume-main'],
];
const nameOf = (entry) => entry.replaceAll('/', '-');

/** Packages of many small files, included in the bundle; the others stay where they are installed. */
const inlined = ['zod', '@noble/hashes', 'commander', 'yaml'];
/** ES modules that the sources `load` lazily by `createRequire`: Yarn's Plug'n'Play cannot resolve them on Node 20. */
const loadedLate = ['string-width', 'wrap-ansi', 'strip-ansi', 'ansi-regex', 'ansi-styles', 'get-east-asian-width'];
/** Packages included in the page. */
const inlinedInPage = ['preact'];

/**
 * CommonJS packages: when imported, node compiles and parses them twice more to learn their format and names. Each name
 * is bound once (`boundOnce`), not again in each file that imports the package.
 */
const required = [
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-converter',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
  'better-sqlite3',
  'picocolors',
  'prom-client',
  'protobufjs/minimal.js',
  'xstate',
];

const packages = {
  name: 'packages',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind, namespace }) => {
      if (
        kind === 'entry-point' ||
        [...inlined, ...loadedLate].some((name) => path === name || path.startsWith(`${name}/`))
      )
        return undefined;
      return required.includes(path) && namespace !== 'required'
        ? { path, namespace: 'required' }
        : { path, external: true };
    });
    onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: boundOnce(path),
    }));
    // A literal `require` is bundled, and evaluated when it is called.
    onLoad({ filter: /[\\/]report[\\/]tables[\\/]text-width\.js$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8').replaceAll("load('", "require('");
      if (!contents.includes("require('string-width')")) throw new Error(`${path} does not load string-width late`);
      return { contents };
    });
  },
};

/**
 * A CommonJS package as an ES module with its names, of which esbuild keeps those that are used. With
 * `module.exports = require(…)` it would copy all names into each importing file: in a rank, forty times the 470 of
 * @tensorflow/tfjs-core.
 */
function boundOnce(path) {
  const names = Object.keys(createRequire(import.meta.url)(path)).filter((name) =>
    /^(?!default$)[A-Za-z_$][\w$]*$/.test(name),
  );
  return [
    `const it = require(${JSON.stringify(path)});`,
    'const named = (name) => it[name];',
    'export default it;',
    ...names.map((name) => `const $${name} = /* @__PURE__ */ named('${name}');\nexport { $${name} as ${name} };`),
  ].join('\n');
}

rmSync(join(root, outdir), { recursive: true, force: true });
const outputs = {};
for (const entries of bundles) Object.assign(outputs, await bundle(entries));

async function bundle(entries) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries.map((entry) => ({ in: `dist/src/${entry}.js`, out: nameOf(entry) })),
    outdir,
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    plugins: [packages],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  });
  return metafile.outputs;
}

/** The output file and all files that it loads, at once or later. */
function reached(output, seen = new Set()) {
  if (!seen.has(output) && outputs[output]) {
    seen.add(output);
    for (const { path } of outputs[output].imports) reached(path, seen);
  }
  return seen;
}

const ranks = new Set(
  ofRanks.flatMap((entry) => [...reached(`${outdir}/${nameOf(entry)}.js`)].map((path) => basename(path))),
);
writeFileSync(join(root, outdir, 'rank-files.json'), `${JSON.stringify([...ranks].sort(), null, 2)}\n`);
writeFileSync(
  join(root, outdir, 'LICENSES.txt'),
  [...inlined, ...loadedLate, ...inlinedInPage].map(licence).join('\n'),
);

const page = join(root, outdir, 'page');
mkdirSync(page);
for (const file of ['index.html', 'style.css', 'icon.svg'])
  copyFileSync(join(root, 'src/dashboard/web', file), join(page, file));
writeFileSync(join(page, 'app.js'), pageProgram(pathToFileURL(join(root, 'dist/src/dashboard/web/app.js'))));

/** The licence of a package whose code is part of the bundle. */
function licence(name) {
  const folder = join(root, 'node_modules', name);
  const file = existsSync(folder) && readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} is part of the bundle and has no licence file in ${folder}`);
  return `${name}\n\n${readFileSync(join(folder, file), 'utf8')}`;
}
