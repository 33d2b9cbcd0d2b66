import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { readRunSpec } from '../../protocol/read-run-spec.ts';
import { runDirectoryFiles, runDirectoryOf } from '../../protocol/run-directory.ts';

/**
 * Where the last attempt of a run was launched: `here`, in this folder under whatever path; `formerly`, in this project
 * before it was moved; `original`, in the project that this one is a copy of and that still has the run.
 */
export function launchedIn(project: string, runDirectory: string): 'here' | 'formerly' | 'original' {
  const { spec } = runDirectoryFiles(runDirectory);
  const then = existsSync(spec) ? readRunSpec(runDirectory).store?.project : undefined;
  if (then === undefined || then === project) return 'here';
  const [before, now] = [then, project].map((folder) => statSync(folder, { throwIfNoEntry: false }));
  if (before?.ino === now?.ino && before?.dev === now?.dev) return 'here';
  const left = runDirectoryFiles(runDirectoryOf(then, basename(runDirectory))).spec;
  return existsSync(left) ? 'original' : 'formerly';
}
