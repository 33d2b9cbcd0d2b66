import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launcherConfig, type SlurmLauncherConfig } from '../../../src/config/sections/launcher.ts';
import { localLauncher } from '../../../src/launcher/local/launcher.ts';
import { slurmLauncher } from '../../../src/launcher/slurm/launcher.ts';
import { hasSlurm, startSlurm, type TestSlurm } from '../../support/slurm.ts';
import { goodModules, type Kind, moduleFile } from './modules.ts';
import { trainWithModules } from './train-with-modules.ts';

describe.skipIf(!hasSlurm())('modules of the user’s own on a real Slurm', { timeout: 180_000 }, () => {
  let cluster: TestSlurm;
  beforeAll(() => {
    cluster = startSlurm();
  }, 60_000);
  afterAll(() => cluster?.stop());

  it('take every place at once on two ranks, to the bit as on local workers', async () => {
    const kinds = Object.keys(goodModules) as Kind[];
    const modules = Object.fromEntries(kinds.map((kind) => [kind, moduleFile(goodModules[kind])]));
    const config = launcherConfig.parse({ kind: 'slurm', pollSeconds: 0.3 }) as SlurmLauncherConfig;
    const local = await trainWithModules(modules, localLauncher());
    const ranks = await trainWithModules(modules, slurmLauncher(config));
    expect(ranks.weights).toMatch(/^[0-9a-f]{64}$/);
    expect(ranks.weights).toBe(local.weights);
    expect(ranks.metrics).toEqual(local.metrics);
    expect(ranks.metrics?.exactImages).toBeGreaterThanOrEqual(0);
    const notesOf = ({ directory }: typeof local) => readFileSync(join(directory, 'notes.txt'), 'utf8');
    expect(notesOf(ranks)).toBe(notesOf(local));
  });
});
