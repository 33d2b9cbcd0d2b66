import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { sha256Of } from '../../protocol/files/sha256.ts';
import { fromSources, ownRoot as root } from '../../protocol/own-file.ts';
import { packageVersion } from '../../protocol/package-version.ts';

const extension = fromSources ? '.ts' : '.js';

/** The folders whose code a rank executes, without the native kernels: each host may have compiled its own. */
const folders = [
  'packages/tfjs-backend-autopilot/src',
  'schedules',
  ...['config', 'domain', 'imgmed', 'launcher/deploy', 'monitor', 'protocol', 'segeval', 'trainer'].map(
    (name) => `src/${name}`,
  ),
];

/** Versions that have to be the same on every host. */
export function ownVersions(): Record<string, string> {
  const { version } = createRequire(import.meta.url)('@tensorflow/tfjs-core/package.json') as { version: string };
  return { autopilot: packageVersion(), node: process.versions.node, tensorflowJs: version };
}

/** Every file of this program that a rank executes, with its checksum; read again on each call. */
export function ownCode(): Record<string, string> {
  const paths = bundledCode() ?? folders.flatMap((folder) => filesIn(join(root, folder)));
  return Object.fromEntries(paths.map((path) => [relative(root, path).split(sep).join('/'), sha256Of(path)]));
}

/** The path of a file of `ownCode` on this host. */
export function ownCodePath(name: string): string {
  return join(root, name);
}

/** The files that ranks execute, as listed in the bundle that they are started from; null without a bundle. */
function bundledCode(): string[] | null {
  const program = join(root, 'src/program');
  const list = join(program, 'rank-files.json');
  if (fromSources || !existsSync(list)) return null;
  try {
    return (JSON.parse(readFileSync(list, 'utf8')) as string[]).map((name) => join(program, name));
  } catch (cause) {
    throw new AutopilotError('deploy.installed', `${list} is damaged: ${messageOf(cause)}. Install autopilot again.`, {
      cause,
    });
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension) && !name.endsWith('.d.ts'))
    .sort()
    .map((name) => join(folder, name));
}
