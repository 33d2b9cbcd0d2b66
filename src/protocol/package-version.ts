import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of autopilot's package.json, found from the sources as well as from `dist/`. */
export function packageFolder(): string {
  const above = ['../..', '../../..'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return resolve(above.find((folder) => existsSync(join(folder, 'package.json'))) ?? above[0]!);
}

/** The version in package.json. */
export function packageVersion(): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8'));
    return typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : 'unknown';
  } catch {
    return 'unknown';
  }
}
