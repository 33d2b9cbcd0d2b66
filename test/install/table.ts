// `npm run table`: package managers × versions of Node × consumers, from what `npm pack` makes of this clone. Prints a
// table as it goes; exit code 1 where a cell fails. `npm run table -- --managers npm,pnpm --nodes 20` takes a part of it.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleOfOne, type Consumer, declarations, modulesInTypeScript, study, studyAfterHint } from './consumers.ts';
import { installIn, type Place } from './installed-project.ts';
import { packedInCopy } from './pack.ts';
import { fetchedNode, packageManagers } from './package-managers.ts';

const { values } = parseArgs({
  options: {
    managers: { type: 'string', default: packageManagers.map(({ name }) => name).join(',') },
    nodes: { type: 'string', default: '20,22,24' },
    /** Where Nodes, package managers and what they fetch are kept for the next time. */
    keep: { type: 'string' },
  },
});
const managers = values.managers.split(/,(?! )/).map((name) => {
  const manager = packageManagers.find((each) => each.name === name);
  if (manager !== undefined) return manager;
  throw new Error(`--managers: ${name} is not one of ${packageManagers.map((each) => each.name).join(', ')}`);
});
const scratch = mkdtempSync(path.join(tmpdir(), 'installed-'));
const kept = path.resolve(values.keep ?? path.join(scratch, 'kept'));
const failures: string[] = [];
let cells = 0;

/** What is done with one install, in this order; the last two make projects of their own. */
const consumers: [name: string, consumer: Consumer, managers: RegExp][] = [
  ['a study', study, /./],
  ['types, node16', declarations('node16'), /^npm$/],
  ['types, bundler', declarations('bundler'), /^npm$/],
  ['greScale alone', bundleOfOne, /^npm$/],
  ['TypeScript modules', modulesInTypeScript, /./],
];

async function cell(where: string, what: string, act: () => string | Promise<string>): Promise<boolean> {
  cells += 1;
  const line = `${where.padEnd(34)}${what.padEnd(22)}`;
  try {
    console.log(`${line}${await act()}`);
    return true;
  } catch (error) {
    console.log(`${line}FAILS`);
    failures.push(`${where}, ${what}: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

async function row(place: Place, version: string): Promise<void> {
  const where = `${place.manager.name}, Node ${version}`;
  const at = path.join(scratch, where.replace(/\W+/g, '-'));
  let project: ReturnType<typeof installIn> | undefined;
  await cell(where, 'install', () => {
    project = installIn(path.join(at, 'project'), place);
    return 'ok';
  });
  const installed = project;
  if (installed === undefined) return;
  await cell(where, 'what was held back', () => studyAfterHint(installed));
  for (const [name, consumer, only] of consumers)
    if (only.test(place.manager.name)) await cell(where, name, () => consumer(installed));
  await cell(where, 'offline, from a cache', () => {
    const offline = installIn(path.join(at, 'offline'), place, { from: installed, skipScripts: true });
    return offline.autopilot(['--version']).stdout.trim();
  });
  await cell(where, 'without scripts', () =>
    studyAfterHint(installIn(path.join(at, 'without'), place, { skipScripts: true })),
  );
  rmSync(at, { recursive: true, force: true });
}

try {
  const tarball = packedInCopy(scratch);
  for (const version of values.nodes.split(','))
    for (const manager of managers) {
      const cache = path.join(kept, `cache ${manager.name}`.replace(/\W+/g, '-'));
      mkdirSync(cache, { recursive: true });
      const fetchedAt = path.join(kept, 'fetched');
      await row({ manager, node: fetchedNode(version, fetchedAt), tarball, fetchedAt, cache }, version);
    }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`\n${cells} cells, ${cells - failures.length} hold, ${failures.length} fail`);
for (const failure of failures) console.log(`\n${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
