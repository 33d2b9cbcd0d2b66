import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { pageExamples } from '../support/page-examples.ts';
import type { InstalledProject } from './installed-project.ts';
import { root } from './pack.ts';

/** What one who installed the product does with it. Gives what is to be said of it, or throws. */
export type Consumer = (project: InstalledProject) => string | Promise<string>;

const entries = ['', '/components', '/schedules', '/machines', '/imgmed', '/mpi-node', '/tfjs-backend-autopilot'];

/** A program that imports every entry: strict, with the declarations of all packages checked. */
export function declarations(moduleResolution: 'node16' | 'bundler'): Consumer {
  return ({ folder, command }) => {
    const uses = entries.map((name, index) => `import * as use${index} from 'grescale-autopilot${name}';`);
    writeFileSync(
      path.join(folder, 'uses.mts'),
      `${uses.join('\n')}\nexport { ${entries.map((_, i) => `use${i}`)} };\n`,
    );
    const module = moduleResolution === 'bundler' ? 'esnext' : moduleResolution;
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    const flags = `--noEmit --strict --skipLibCheck false --target es2022 --module ${module}`.split(' ');
    // Of TypeScript's codes, 1 and 2 are for errors found: those of other packages among them.
    const program = ['node', tsc, ...flags, '--moduleResolution', moduleResolution, '--types', '', 'uses.mts'];
    const errors = ownErrors(command(program, [0, 1, 2]).stdout);
    if (errors.length > 0) throw new Error(errors.join('\n'));
    return 'ok';
  };
}

/** TensorFlow.js declares against WebGPU types that clash with TypeScript's own, and breaks rules of its own. */
function ownErrors(said: string): string[] {
  return said.split('\n').filter((line) => /error TS/.test(line) && !/@tensorflow|@webgpu|lib\.dom\.d\.ts/.test(line));
}

/** A page's bundle of `greScale` alone: its size, and that it runs. */
export const bundleOfOne: Consumer = async ({ folder, command }) => {
  const contents = `import { greScale } from 'grescale-autopilot/schedules';
const rate = greScale({ policy: 'greScale', workers: 4, epochs: 10, initialLr: 0.1, decayCoefficient: 3, warmupEpochs: 2, decayEpochs: 5, decayShape: 'exponential' });
console.log(rate(3));`;
  const outfile = path.join(folder, 'page.js');
  await build({ stdin: { contents, resolveDir: folder }, bundle: true, minify: true, platform: 'browser', outfile });
  const bytes = readFileSync(outfile).length;
  if (bytes > 10_000) throw new Error(`the bundle of greScale has ${bytes} bytes`);
  const { stdout } = command(['node', outfile]);
  if (stdout.trim() !== '0.4') throw new Error(`greScale gave ${stdout} for 4 times the rate 0.1`);
  return `${(bytes / 1000).toFixed(1)} kB`;
};

/** The page's modules in TypeScript, in a folder that has nothing else. */
export const modulesInTypeScript: Consumer = ({ folder, autopilot }) => {
  const study = path.join(folder, 'modules');
  mkdirSync(study, { recursive: true });
  const examples = pageExamples('own-modules.md', ['ts', 'yaml']);
  for (const { file, text } of examples) writeFileSync(path.join(study, file), text);
  const { stdout } = autopilot(['plan', study, '--load']);
  const modules = examples.filter(({ file }) => file.endsWith('.ts'));
  for (const { file } of modules) if (!stdout.includes(`${file}  [your module]`)) throw new Error(`${file}\n${stdout}`);
  return `${modules.length} modules`;
};

const init = 'init study --yes --trainer simulated --workers 2 --epochs 4 --rule thesis'.split(' ');

/** The simulated study of `studyAfterHint` to its `history`: the program, its workers, the store. */
export const study: Consumer = ({ folder, autopilot }) => {
  const version = autopilot(['--version']).stdout.trim();
  autopilot(['run', 'study', '--project', folder], [0, 3]);
  const { stdout } = autopilot(['history', 'study', '--json', '--project', folder]);
  const { iterations } = JSON.parse(stdout) as { iterations: unknown[] };
  return `${version}, ${iterations.length} iterations`;
};

/** Where install scripts were held back: the error names a command, and after it the study runs. */
export const studyAfterHint: Consumer = async (project) => {
  project.autopilot(init);
  const { status, all } = project.autopilot(['run', 'study', '--project', project.folder], [0, 1, 3]);
  if (status !== 1) return 'nothing is missing';
  const [, fix] = /Build it with: (?:yarn )?node (\S+)/.exec(all) ?? [];
  if (fix === undefined) throw new Error(`no command is named:\n${all}`);
  project.command(['node', fix]);
  project.autopilot(['run', 'study', '--project', project.folder], [0, 3]);
  return 'built as the error says';
};
