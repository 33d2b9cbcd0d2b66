import { renameSync, writeFileSync } from 'node:fs';
import { type DeployManifest, deployManifestPath, programHash, specHash } from '../../protocol/deploy-manifest.ts';
import { runDirectoryWritten } from '../../protocol/run-directory.ts';
import type { RunSpec } from '../../protocol/run-spec.ts';
import type { StudyProgram } from './compose-program.ts';

export interface PlaceProgramOptions {
  program: StudyProgram;
  spec: RunSpec;
  attempt: string;
  runDirectory: string;
  root: string | null;
}

/** Writes `deploy.json` into the run directory. Returns the program's hash, which ranks expect. */
export function placeProgram({ program, spec, attempt, runDirectory, root }: PlaceProgramOptions): string {
  const manifest: DeployManifest = { format: 1, attempt, ...program, config: specHash(spec), root };
  const path = deployManifestPath(runDirectory);
  runDirectoryWritten(runDirectory, () => {
    writeFileSync(`${path}.tmp`, `${JSON.stringify(manifest, null, 1)}\n`);
    renameSync(`${path}.tmp`, path);
  });
  return programHash(manifest);
}
