import { join } from 'node:path';
import * as z from 'zod';
import { hashOf } from '../domain/hash.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** `deploy.json`: what a run's program is made of, written next to `run.json`; ranks compare it with what they find. */
export const deployManifest = z.object({
  format: z.literal(1),
  attempt: z.string(),
  /** autopilot, node, tensorflowJs: the same on every host. */
  versions: z.record(z.string(), z.string()),
  /**
   * autopilot's own files that a rank executes: path within the package to checksum. Empty for other trainers, and when
   * run from sources.
   */
  code: z.record(z.string(), sha256),
  /** Checksum of `run.json` without `resumeFrom`, which a requeued job changes. */
  config: sha256,
  /** The study's own files, by absolute path on the engine's host. */
  files: z.array(
    z.object({
      /** `module`: a component or what it imports; `data`: the manifest of the slices; `slices`: a file it names. */
      role: z.enum(['module', 'weights', 'data', 'slices', 'command']),
      path: z.string(),
      sha256,
    }),
  ),
  /** The folder that those files are below on a host they were copied to; null if they are at their own paths. */
  root: z.string().nullable(),
});

export type DeployManifest = z.infer<typeof deployManifest>;
export type DeployedFile = DeployManifest['files'][number];

export function deployManifestPath(runDirectory: string): string {
  return join(runDirectory, 'deploy.json');
}

/** Identifies a program: equal for equal versions, code, config and files. Ranks find it in `AUTOPILOT_PROGRAM`. */
export function programHash({ versions, code, config, files }: DeployManifest): string {
  return hashOf({ versions, code, config, files });
}

/** Checksum of `run.json`'s content, apart from the checkpoint to resume from. */
export function specHash(spec: object): string {
  return hashOf({ ...spec, resumeFrom: null });
}
