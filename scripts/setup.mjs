// Makes a fresh clone runnable: dependencies, then the build. A second call finds everything in place and does nothing.
// Plain JavaScript with Node's own modules only: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const minimumNode = [20, 19];
const compiledFolders = ['src', 'machines', 'schedules', 'db'];
const installStamp = join(root, 'node_modules', '.autopilot-install');
const buildStamp = join(root, 'dist', '.autopilot-build');

/** Runs a command in the root with its output shown; if it fails, exits with its code. */
export function must(command, args, { why, env } = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (done.status === 0) return;
  console.error(`\n${why ?? `${command} ${args.join(' ')}`} failed${done.error ? `: ${done.error.message}` : ''}.`);
  process.exit(done.status ?? 1);
}

export function setup() {
  checkNode();
  install();
  build();
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [needMajor, needMinor] = minimumNode;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  console.error(`Node ${process.versions.node} is too old: autopilot needs Node ${minimumNode.join('.')} or newer.`);
  process.exit(1);
}

function install() {
  const wanted = hashOf([join(root, 'package-lock.json'), ...packageFiles(), process.versions.modules]);
  if (readIf(installStamp) === wanted) return;
  console.error('Installing dependencies (once; a minute or two, longer where better-sqlite3 has to be compiled) …');
  // Not `npm ci`: it rejects a lock file without the packages of other platforms, which a mirror may lack.
  must('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    why: 'Installing the dependencies. Compiling better-sqlite3 needs python3, make and a C++ compiler where no prebuilt file can be downloaded (Debian: apt-get install python3 make g++); that',
  });
  // npm may have skipped install scripts; if not, this second call finds everything in place and does nothing.
  spawnSync(process.execPath, [join(root, 'packages/install.mjs')], { stdio: 'inherit' });
  writeFileSync(installStamp, wanted);
}

function build() {
  const packageBuilds = packageFolders().filter((folder) => existsSync(join(folder, 'tsconfig.build.json')));
  const sources = [
    ...compiledFolders.map((folder) => join(root, folder)),
    ...packageBuilds.map((folder) => join(folder, 'src')),
  ];
  const wanted = hashOf([
    sources.flatMap(listing).join('\n'),
    join(root, 'tsconfig.build.json'),
    join(root, 'scripts', 'bundle.mjs'),
    readIf(installStamp) ?? '',
  ]);
  if (readIf(buildStamp) === wanted) return;
  console.error('Building …');
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  for (const folder of packageBuilds)
    must(process.execPath, [tsc, '-p', join(folder, 'tsconfig.build.json')], { why: `Building ${folder}` });
  must(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { why: 'Building' });
  must(process.execPath, [join('scripts', 'bundle.mjs')], { why: 'Bundling' });
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(buildStamp, wanted);
}

function packageFolders() {
  const packages = join(root, 'packages');
  if (!existsSync(packages)) return [];
  return readdirSync(packages)
    .map((name) => join(packages, name))
    .filter((folder) => existsSync(join(folder, 'package.json')));
}

function packageFiles() {
  return packageFolders().map((folder) => join(folder, 'package.json'));
}

/** Path, size and modification time of every file below a folder: enough to notice an edit. */
function listing(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : listing(path);
    const { size, mtimeMs } = statSync(path);
    return [`${path} ${size} ${mtimeMs}`];
  });
}

/** Hash of files (by content, where the path exists) and plain strings. */
function hashOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(existsSync(part) ? readFileSync(part) : part);
  return hash.digest('hex');
}

function readIf(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup();
