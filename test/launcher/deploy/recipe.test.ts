import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadStudyConfig, parseStudyConfig } from '../../../src/config/load.ts';
import type { ResolvedStudyConfig } from '../../../src/config/resolve.ts';
import { containerRecipe, type recipeKinds } from '../../../src/launcher/deploy/recipe.ts';
import { packageFolder } from '../../../src/protocol/package-version.ts';
import { goodModules, moduleFile } from '../../trainer/components/modules.ts';

const { config, directory } = loadStudyConfig(fileURLToPath(new URL('../../../examples/digits', import.meta.url)));
const rest = { file: 'study.yaml', node: '20.19.0', root: packageFolder() };
const recipe = (kind: (typeof recipeKinds)[number], changed: Partial<ResolvedStudyConfig> = {}) =>
  containerRecipe(kind, { config: { ...config, ...changed }, directory, ...rest });

/** The instructions of a Dockerfile: one a line, comments left out. */
function instructions(text: string): { name: string; rest: string }[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
      expect(['ARG', 'FROM', 'COPY', 'RUN', 'ENV', 'WORKDIR', 'ENTRYPOINT', 'CMD'], line).toContain(name);
      return { name, rest };
    });
}

describe('a container recipe', () => {
  it('pins Node, installs autopilot as npm packs it, and runs the study', () => {
    const docker = instructions(recipe('docker'));
    expect(docker[0]).toEqual({ name: 'ARG', rest: 'BASE=docker.io/library/node:20.19.0-bookworm-slim' });
    expect(docker.at(-1)).toEqual({ name: 'CMD', rest: '["run","/study/study.yaml"]' });
    const pack = `npm pack --ignore-scripts --pack-destination packed ${packageFolder()}`;
    const lock = `cp ${join(packageFolder(), 'package-lock.json')} packed/`;
    for (const kind of ['docker', 'apptainer'] as const) {
      expect(recipe(kind)).toContain(
        `&& { grep -qsx project .dockerignore || printf '\\nproject\\n' >> .dockerignore; } && ${pack} && ${lock}\n`,
      );
      expect(recipe(kind)).toContain('tar -xzf /opt/packed/grescale-autopilot-*.tgz');
    }
    const apptainer = recipe('apptainer');
    expect(apptainer).toContain('From: node:20.19.0-bookworm-slim');
    expect(apptainer).toContain('exec autopilot run /study/study.yaml');
    expect(apptainer.match(/^%\w+$/gm)).toEqual(['%files', '%post', '%runscript']);
  });

  it('starts the program that package.json names', () => {
    const { bin } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8'));
    for (const kind of ['docker', 'apptainer'] as const)
      expect(recipe(kind)).toContain(`/opt/autopilot/${bin.autopilot} `);
  });

  it('has a container for each host of the hostfile, which reach each other by ssh', () => {
    const folder = mkdtempSync(join(tmpdir(), 'compose-'));
    const hostfile = join(folder, 'hosts');
    writeFileSync(hostfile, 'host-1 slots=2\nhost-2 slots=2\n');
    const mpi = { launcher: { ...config.launcher, kind: 'mpi', hostfile } as typeof config.launcher };
    const { services } = parse(recipe('compose', mpi));
    const all = { ...rest, config: { ...config, ...mpi }, directory };
    const hostile = parse(containerRecipe('compose', { ...all, file: '$(id).yaml' }));
    rmSync(folder, { recursive: true });
    expect(Object.keys(services)).toEqual(['host-1', 'host-2']);
    expect(services['host-1']).toMatchObject({ image: 'digits', hostname: 'host-1', depends_on: ['host-2'] });
    expect(services['host-1'].command[0]).toContain('exec autopilot run /study/study.yaml');
    expect(hostile.services['host-1'].command[0]).toContain("exec autopilot run '/study/$$(id).yaml'");
    expect(services['host-2'].command[0]).toContain('sshd -D');
    expect(recipe('docker', mpi)).toContain('openssh-server');
    expect(() => recipe('compose')).toThrow('launcher.kind is local. Write "launcher: { kind: mpi, hostfile: hosts }"');
  });

  it('brings MPI only where ranks talk over it', () => {
    const mpi = { launcher: { ...config.launcher, kind: 'mpi' } as typeof config.launcher };
    expect(recipe('docker')).not.toContain('openmpi');
    expect(recipe('docker', mpi)).toContain('openmpi-bin');
    expect(recipe('apptainer', mpi)).toContain('openmpi-bin');
  });

  it('mounts what the config names outside the study’s folder, where the config will look for it', () => {
    const data = { ...config.data, path: '/data/my slices' } as typeof config.data;
    expect(recipe('docker', { data })).toContain("-v '/data/my slices:/data/my slices:ro'");
    expect(recipe('docker')).not.toContain(':ro');
    const beside = { ...config.data, path: join(directory, '../slices') } as typeof config.data;
    expect(recipe('apptainer', { data: beside })).toContain(`--bind ${join(directory, '../slices')}:/slices:ro`);
    const module = moduleFile(goodModules.loss);
    const components = { ...config.components, loss: { module, parameters: {} } };
    expect(recipe('docker', { components })).toContain(`-v ${join(module, '..')}:${join(module, '..')}:ro`);
  });

  it('says that a command’s own needs are still to be added', () => {
    const own = parseStudyConfig({
      name: 'torch',
      workers: 2,
      epochs: 1,
      setting: { initialLr: 0.1, warmupEpochs: 0, decayEpochs: 0 },
      trainer: { kind: 'command', command: ['python3', 'train.py'] },
    });
    expect(recipe('docker', own)).toContain("# Install here what the study's command needs: python3 train.py\n");
    expect(recipe('docker')).not.toContain('Install here');
  });
});
