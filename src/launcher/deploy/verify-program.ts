import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AutopilotError } from '../../domain/errors.ts';
import {
  type DeployManifest,
  deployManifest,
  deployManifestPath,
  programHash,
  specHash,
} from '../../protocol/deploy-manifest.ts';
import { sha256Of } from '../../protocol/files/sha256.ts';
import { runDirectoryFiles } from '../../protocol/run-directory.ts';
import { ownCode, ownCodePath, ownVersions } from './own-code.ts';

export interface VerifiedProgram {
  /** The path of a study's file on this host. */
  locate(path: string): string;
  hash: string | null;
}

/**
 * Compares the program on this host, file by file, with the one that the engine launched (`expected`: its hash). Throws
 * an error that names the first difference. Without `expected` no engine launched it, and nothing is compared.
 */
export function verifyProgram(runDirectory: string, expected: string | undefined): VerifiedProgram {
  if (expected === undefined) return { locate: (path) => path, hash: null };
  const manifest = readManifest(runDirectory);
  const { root } = manifest;
  const locate = (path: string) => (root === null ? path : join(root, path));
  if (programHash(manifest) !== expected) {
    throw refused(
      `${deployManifestPath(runDirectory)} belongs to another launch (program ${programHash(manifest).slice(0, 12)}, launched: ${expected.slice(0, 12)})`,
      'The run directory must be the same on every host, or be copied to each: set deploy.copy',
    );
  }
  sameVersions(manifest);
  sameConfig(runDirectory, manifest);
  sameCode(manifest);
  for (const { role, path, sha256 } of manifest.files) {
    // Slices are compared when they are loaded, while they are read anyway.
    if (role === 'slices') continue;
    const here = locate(path);
    const fix =
      root === null
        ? 'Put the file back as it was at launch, or start a new study with the changed one'
        : 'Restart the run: the file is copied again';
    const unseen = 'Put it on a file system that every host sees, or set deploy.copy';
    if (!existsSync(here)) throw refused(`${here} (${role}) is missing`, root === null ? unseen : fix);
    if (sha256Of(here) !== sha256)
      throw refused(`${here} (${role}) is not the file that the study was launched with`, fix);
  }
  return { locate, hash: expected };
}

function readManifest(runDirectory: string): DeployManifest {
  const path = deployManifestPath(runDirectory);
  try {
    return deployManifest.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw refused(
      `${path} is missing or damaged`,
      'The run directory must be on a file system that every host sees, or be copied to each: set deploy.copy',
      cause,
    );
  }
}

function sameVersions({ versions }: DeployManifest): void {
  const here = ownVersions();
  for (const [name, wanted] of Object.entries(versions)) {
    if (here[name] === wanted) continue;
    throw refused(
      `${name} is ${here[name] ?? 'missing'} here, but ${wanted} where the study was launched`,
      'Install the same version on every host, or use a container (autopilot deploy)',
    );
  }
}

function sameConfig(runDirectory: string, { config }: DeployManifest): void {
  const { spec } = runDirectoryFiles(runDirectory);
  if (specHash(JSON.parse(readFileSync(spec, 'utf8')) as object) === config) return;
  throw refused(`${spec} was changed after the launch`, 'Change the study config instead, and start the run again');
}

function sameCode({ code }: DeployManifest): void {
  if (Object.keys(code).length === 0) return;
  const here = ownCode();
  for (const name of new Set([...Object.keys(code), ...Object.keys(here)])) {
    if (here[name] === code[name]) continue;
    const how = here[name] === undefined ? 'is missing' : code[name] === undefined ? 'is extra' : 'differs';
    throw refused(
      `autopilot's own file ${ownCodePath(name)} ${how}`,
      'Install the same autopilot on every host; after an update, stop the study and resume it',
    );
  }
}

function refused(what: string, fix: string, cause?: unknown): AutopilotError {
  return new AutopilotError('deploy.differs', `On ${hostname()}: ${what}, so nothing is trained here. ${fix}.`, {
    cause,
  });
}
