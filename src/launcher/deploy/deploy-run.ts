import { join } from 'node:path';
import type { DeployConfig } from '../../config/sections/deploy.ts';
import type { LauncherConfig } from '../../config/sections/launcher.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { deployManifestPath } from '../../protocol/deploy-manifest.ts';
import { sha256Of } from '../../protocol/files/sha256.ts';
import { checkpointPath, runDirectoryFiles } from '../../protocol/run-directory.ts';
import type { RunSpec } from '../../protocol/run-spec.ts';
import { packBundle } from './bundle.ts';
import type { StudyProgram } from './compose-program.ts';
import { copyToHost, type FileToCopy, lackingOn } from './copy-to-hosts.ts';
import { hostNames } from './host-names.ts';
import { placeProgram } from './place-program.ts';

export interface DeployRunOptions {
  deploy: DeployConfig;
  launcher: LauncherConfig;
  program: StudyProgram;
  spec: RunSpec;
  attempt: string;
  runDirectory: string;
}

export interface DeployedRun {
  /** The program's hash, which ranks expect. */
  hash: string;
  /** An archive for every node's own disk, and the folder it is unpacked to; null: nothing to unpack. */
  broadcast: { archive: string; root: string } | null;
}

/** Places a run's program in its run directory and copies it to the hosts that do not see that folder. */
export async function deployRun(options: DeployRunOptions): Promise<DeployedRun> {
  const { deploy, launcher, program, attempt, runDirectory } = options;
  const { copy, directory } = deploy;
  if (copy === 'none') return { hash: placeProgram({ ...options, root: null }), broadcast: null };
  if (copy === 'sbcast') {
    const root = join(directory ?? '/tmp/autopilot', attempt);
    const archive = join(runDirectory, 'bundle.tar');
    const hash = placeProgram({ ...options, root });
    await packBundle(
      archive,
      program.files.map(({ path }) => path),
    );
    return { hash, broadcast: { archive, root } };
  }
  const hash = placeProgram({ ...options, root: directory ?? null });
  const here = (path: string): FileToCopy => ({ from: path, to: path, sha256: sha256Of(path) });
  const run = runFiles(options).map(here);
  const study = program.files.map(
    ({ path, sha256 }): FileToCopy => ({
      from: path,
      to: directory === undefined ? path : join(directory, path),
      sha256,
    }),
  );
  const { shell } = deploy;
  await Promise.all(
    hostsOf(launcher).map(async (host, index) => {
      const shares = (await lackingOn({ shell, host, files: run })).length === 0;
      if (!shares && index === 0) throw firstHostApart(host, runDirectory);
      await copyToHost({ how: copy, shell, host, files: [...run, ...study] });
    }),
  );
  return { hash, broadcast: null };
}

/** Hosts whose ranks write to their own run directory: all but the first, where rank 0 is. */
export function hostsApart({ deploy, launcher }: Pick<DeployRunOptions, 'deploy' | 'launcher'>): string[] {
  return deploy.copy === 'rsync' || deploy.copy === 'scp' ? hostsOf(launcher).slice(1) : [];
}

function hostsOf(launcher: LauncherConfig): string[] {
  return launcher.kind === 'mpi' && launcher.hostfile !== undefined ? hostNames(launcher.hostfile) : [];
}

/** The files of the run directory that a rank reads before it trains. */
function runFiles({ spec, runDirectory }: DeployRunOptions): string[] {
  const { resumeFrom } = spec;
  return [
    runDirectoryFiles(runDirectory).spec,
    deployManifestPath(runDirectory),
    ...(resumeFrom === null ? [] : [checkpointPath(runDirectory, resumeFrom)]),
  ];
}

/** The first host must see the run directory: rank 0 writes the events and checkpoints that the engine reads. */
function firstHostApart(host: string, runDirectory: string): AutopilotError {
  return new AutopilotError(
    'deploy.firstHost',
    `Rank 0 starts on ${host}, the first host of launcher.hostfile, but ${host} does not see ${runDirectory}. Put the host that runs autopilot at the top.`,
  );
}
