import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mpiStatus } from '#mpi-node';
import { launcherConfig, type MpiLauncherConfig } from '../../../src/config/sections/launcher.ts';
import { localLauncher } from '../../../src/launcher/local/launcher.ts';
import { mpiLauncher } from '../../../src/launcher/mpi/launcher.ts';
import { present } from '../../support/required.ts';
import { goodModules, type Kind, moduleFile } from './modules.ts';
import { trainWithModules } from './train-with-modules.ts';

const hasMpi = present(
  'mpi',
  mpiStatus().available && spawnSync('mpirun', ['--version']).status === 0,
  'no MPI (Debian: apt-get install openmpi-bin libopenmpi-dev, then node packages/install.mjs)',
);
const mpi = mpiLauncher(launcherConfig.parse({ kind: 'mpi' }) as MpiLauncherConfig);

describe.skipIf(!hasMpi)('a module of the user’s own on two MPI ranks', { timeout: 120_000 }, () => {
  it.each(Object.keys(goodModules) as Kind[])(
    'takes the place of the %s, to the bit as on local workers',
    async (kind) => {
      const file = moduleFile(goodModules[kind]);
      const local = await trainWithModules({ [kind]: file }, localLauncher());
      const ranks = await trainWithModules({ [kind]: file }, mpi);
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
