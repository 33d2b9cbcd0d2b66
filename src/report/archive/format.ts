import { lstatSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import * as z from 'zod';
import { AutopilotError } from '../../domain/errors.ts';

export const archiveVersion = 1;

/** `manifest.json`, the archive's first entry: lists every other entry with its hash. */
export const archiveManifest = z.object({
  format: z.literal('grescale-autopilot study'),
  version: z.literal(archiveVersion),
  study: z.string().min(1),
  /** The project folder it came from; stored paths below it are rewritten to the new one. */
  directory: z.string(),
  checkpoints: z.boolean(),
  files: z.array(z.object({ path: z.string(), bytes: z.int().min(0), sha256: z.string() })),
});
export type ArchiveManifest = z.infer<typeof archiveManifest>;

export const archivedRow = z.object({
  table: z.string(),
  row: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});

export function damaged(file: string, what: string, cause?: unknown): AutopilotError {
  return new AutopilotError(
    'archive.damaged',
    `${file} is not an intact study archive: ${what}. Nothing was imported. Make it again with: autopilot export STUDY --archive FILE.tar.gz`,
    { cause },
  );
}

/** Relative paths of the plain files below a folder, separated by `/` and sorted. */
export function filesBelow(folder: string, root = folder): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const found = lstatSync(path);
      if (found.isDirectory()) return filesBelow(path, root);
      return found.isFile() ? [relative(root, path).split(sep).join('/')] : [];
    });
}
