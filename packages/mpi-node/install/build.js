// Builds the addon with every MPI compiler found: one library file per MPI family, since a process must load the addon
// that matches the mpirun that started it. Never fails the install, since MPI is optional.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { familyOf } from '../lib/variant.js';
import { compile, compilers, findNodeHeaders, libraryOf } from './compiler.js';

const packageDirectory = join(dirname(fileURLToPath(import.meta.url)), '..');
const buildDirectory = join(packageDirectory, 'build');

/** @returns {{ built: Record<string, string>, problems: string[] }} family → what the library calls itself */
function build() {
  const built = {};
  const problems = [];
  const headers = findNodeHeaders();
  if (!headers) {
    problems.push(`node_api.h was not found near ${process.execPath}: install Node's headers or set NODE_INCLUDE`);
    return { built, problems };
  }
  for (const compiler of compilers()) {
    const candidate = join(buildDirectory, `candidate-${Object.keys(built).length}.node`);
    const compiled = compile({ compiler, headers, packageDirectory, output: candidate });
    if (compiled.problem !== null) {
      problems.push(compiled.problem);
      continue;
    }
    const loaded = libraryOf(candidate);
    const family = loaded.library === null ? null : familyOf(loaded.library);
    if (family === null)
      problems.push(`${compiler}: ${loaded.problem ?? `built for an unknown MPI: ${loaded.library}`}`);
    if (family === null || built[family]) {
      rmSync(candidate, { force: true });
      continue;
    }
    renameSync(candidate, join(buildDirectory, `${family}.node`));
    built[family] = loaded.library;
  }
  return { built, problems };
}

function main() {
  rmSync(buildDirectory, { recursive: true, force: true });
  mkdirSync(buildDirectory, { recursive: true });
  const { built, problems } = build();
  const families = Object.keys(built);
  writeFileSync(
    join(buildDirectory, 'report.json'),
    `${JSON.stringify({ built, problems, node: process.version }, null, 2)}\n`,
  );
  if (families.length > 0)
    console.log(
      `mpi-node: built for ${families.map((family) => built[family].split(/[,\n]/)[0].replace(/\s+/g, ' ').trim()).join(' and ')}`,
    );
  else console.log(`mpi-node: not built; several processes cannot train together.\n  ${problems.join('\n  ')}`);
}

try {
  main();
} catch (thrown) {
  console.log(`mpi-node: not built: ${thrown instanceof Error ? thrown.message : thrown}`);
}
