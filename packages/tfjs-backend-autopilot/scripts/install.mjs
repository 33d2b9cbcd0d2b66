// Run by an install: builds the native addon if none loads and there is a C compiler. Never fails the install.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const files = ['build', `prebuilt/${process.platform}-${process.arch}`].map((f) =>
  path.join(root, f, 'autopilot.node'),
);

function loads(file) {
  try {
    return existsSync(file) && require(file).kernelNames().length > 0;
  } catch {
    return false;
  }
}

if (process.argv.includes('--again') || !files.some(loads))
  spawnSync(process.execPath, [path.join(root, 'scripts/build-native.mjs')], { stdio: 'inherit' });
