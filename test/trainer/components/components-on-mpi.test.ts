import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mpiStatus } from 'mpi-node';
import { describe, expect, it } from 'vitest';
import { launcherConfig, type MpiLauncherConfig } from '../../../src/config/launcher.ts';
import type { Launcher } from '../../../src/launcher/launcher.ts';
import { localLauncher } from '../../../src/launcher/local.ts';
import { mpiLauncher } from '../../../src/launcher/mpi.ts';
import { runDirectoryFiles } from '../../../src/protocol/run-directory.ts';
import { present } from '../../support/required.ts';
import { eventsOf, tinyRun, weightsOf } from '../../support/tiny-run.ts';
import { goodModules, type Kind, moduleFile, placeOf } from './modules.ts';

const hasMpi = present(
  'mpi',
  mpiStatus().available && spawnSync('mpirun', ['--version']).status === 0,
  'no MPI (Debian: apt-get install openmpi-bin libopenmpi-dev, then npm rebuild mpi-node)',
);
const mpi = mpiLauncher(launcherConfig.parse({ kind: 'mpi' }) as MpiLauncherConfig);

async function trainWith(kind: Kind, file: string, launcher: Launcher) {
  const job = tinyRun({ workers: 2, epochs: 2 });
  const { spec: specFile } = runDirectoryFiles(job.runDirectory);
  const spec = JSON.parse(readFileSync(specFile, 'utf8'));
  const setting = kind === 'optimizer' ? { ...spec.setting, optimizer: 'custom', initialLr: 0.02 } : spec.setting;
  writeFileSync(specFile, JSON.stringify({ ...spec, setting, components: placeOf[kind](file) }));
  const exit = await (await launcher.start(job)).exited;
  const events = eventsOf(job.runDirectory);
  expect(exit, JSON.stringify(events.at(-1))).toEqual({ how: 'exited', code: 0 });
  const { metrics } = events.findLast(({ type }) => type === 'evaluation') ?? {};
  return { directory: job.runDirectory, weights: weightsOf(job.runDirectory), metrics };
}

describe.skipIf(!hasMpi)('a module of the user’s own on two MPI ranks', { timeout: 120_000 }, () => {
  it.each(Object.keys(goodModules) as Kind[])(
    'takes the place of the %s, to the bit as on local workers',
    async (kind) => {
      const file = moduleFile(goodModules[kind]);
      const local = await trainWith(kind, file, localLauncher());
      const ranks = await trainWith(kind, file, mpi);
      expect(ranks.weights).toMatch(/^[0-9a-f]{64}$/);
      expect(ranks.weights).toBe(local.weights);
      expect(ranks.metrics).toEqual(local.metrics);
      if (kind === 'metric') expect(ranks.metrics?.exactImages).toBeGreaterThanOrEqual(0);
      // Called on rank 0 alone: each line once.
      if (kind === 'callback') {
        const notesOf = ({ directory }: typeof local) => readFileSync(join(directory, 'notes.txt'), 'utf8');
        expect(notesOf(ranks)).toBe(notesOf(local));
        expect(notesOf(ranks)).toMatch(/^start iteration-0\nepoch 1\n[\s\S]*\nend finished\n$/);
      }
    },
  );
});
