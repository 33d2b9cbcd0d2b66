import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { namedComponents } from '../../config/checks/component-checks.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import type { DeployedFile, DeployManifest } from '../../protocol/deploy-manifest.ts';
import { sha256Of } from '../../protocol/files/sha256.ts';
import { fromSources } from '../../protocol/own-file.ts';
import { moduleFiles } from './module-files.ts';
import { ownCode, ownVersions } from './own-code.ts';

/** The versions, code and files that a study's runs are trained with, as they are now. */
export type StudyProgram = Pick<DeployManifest, 'versions' | 'code' | 'files'>;

export function composeProgram(config: ResolvedStudyConfig): StudyProgram {
  const { trainer } = config;
  if (trainer.kind === 'command') {
    const named = trainer.command.map((part) => resolve(trainer.directory, part)).filter(isFile);
    return { versions: ownVersions(), code: {}, files: named.map(stored('command')) };
  }
  if (trainer.kind !== 'embedded') return { versions: ownVersions(), code: {}, files: [] };
  const modules = new Set(namedComponents(config).flatMap((its) => moduleFiles(its.config.module)));
  const data = config.data.kind === 'slices' ? sliceFiles(config.data.path) : [];
  const { initFrom } = config.model;
  const weights = initFrom === undefined ? [] : readdirSync(initFrom).map((name) => join(initFrom, name));
  const files = [...[...modules].map(stored('module')), ...weights.filter(isFile).map(stored('weights')), ...data];
  // When run from sources, which change during development, ranks are not checked against them.
  return { versions: ownVersions(), code: fromSources ? {} : ownCode(), files };
}

function stored(role: DeployedFile['role']): (path: string) => DeployedFile {
  return (path) => {
    try {
      return { role, path, sha256: sha256Of(path) };
    } catch (cause) {
      throw new AutopilotError(
        'deploy.file',
        `${path} cannot be read: ${messageOf(cause)}. Put it back, then: autopilot resume`,
        { cause },
      );
    }
  };
}

/** The slices' manifest, and the files it names with its checksums for them, which are compared on loading. */
function sliceFiles(folder: string): DeployedFile[] {
  const manifest = stored('data')(join(folder, 'manifest.json'));
  const files: DeployedFile[] = [];
  JSON.parse(readFileSync(manifest.path, 'utf8'), (_key, value: unknown) => {
    const { file, sha256 } = (value ?? {}) as { file?: unknown; sha256?: unknown };
    if (typeof file === 'string' && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)) {
      files.push({ role: 'slices', path: join(folder, file), sha256 });
    }
    return value;
  });
  return [manifest, ...files];
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
