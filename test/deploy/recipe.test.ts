import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadStudyConfig } from '../../src/config/load.ts';
import { containerRecipe } from '../../src/deploy/recipe.ts';

const { config, directory } = loadStudyConfig(fileURLToPath(new URL('../../examples/digits', import.meta.url)));
const versions = { file: 'study.yaml', node: '20.19.0', autopilot: '0.1.0' };

describe('a container recipe', () => {
  it('pins Node and autopilot, and runs the study', () => {
    const docker = containerRecipe('docker', { config, directory, ...versions });
    expect(docker).toContain('FROM node:20.19.0-bookworm-slim');
    expect(docker).toContain('npm install --global grescale-autopilot@0.1.0');
    expect(docker).toContain('CMD ["run", "/study/study.yaml"]');
    const apptainer = containerRecipe('apptainer', { config, directory, ...versions });
    expect(apptainer).toContain('From: node:20.19.0-bookworm-slim');
    expect(apptainer).toContain('exec autopilot run /study/study.yaml');
  });

  it('brings MPI only where ranks talk over it', () => {
    const mpi = { ...config, launcher: { ...config.launcher, kind: 'mpi' } as typeof config.launcher };
    expect(containerRecipe('docker', { config, directory, ...versions })).not.toContain('openmpi');
    expect(containerRecipe('docker', { config: mpi, directory, ...versions })).toContain('openmpi-bin');
  });

  it('mounts data from outside the study’s folder', () => {
    const data = { ...config.data, path: '/data/slices' } as typeof config.data;
    const outside = { ...config, data };
    expect(containerRecipe('docker', { config: outside, directory, ...versions })).toContain(
      '-v /data/slices:/data/slices:ro',
    );
    expect(containerRecipe('docker', { config, directory, ...versions })).not.toContain(':ro');
  });
});
