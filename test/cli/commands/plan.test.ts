import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseStudyConfig } from '../../../src/config/load.ts';
import { type ComponentTree, componentTree } from '../../../src/report/composed-study/component-tree.ts';
import { goodModules, type Kind, moduleFile, placeOf } from '../../trainer/components/modules.ts';
import { type CliResult, mainWords, runCli } from '../run-cli.ts';

/** A study with parts of each origin: defaults, fields of the config, and modules of its own. */
function composedStudy(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'plan-')));
  for (const kind of ['loss', 'strategy', 'optimizer', 'callback', 'metric'] as const) {
    writeFileSync(join(folder, `${kind}.mjs`), goodModules[kind]);
  }
  writeFileSync(
    join(folder, 'study.yaml'),
    `name: planned
workers: 2
epochs: 4
launcher: { kind: mpi }
placement: { devices: [0, 1] }
memory: { heapMb: 2048 }
model: { architecture: unet }
data: { kind: phantom, size: 8, trainSlices: 8, testSlices: 2 }
setting: { initialLr: 0.1, warmupEpochs: 1, optimizer: custom }
components:
  loss: { module: loss.mjs }
  strategy: { module: strategy.mjs }
  optimizer: { module: optimizer.mjs }
  callbacks: [{ module: callback.mjs }]
  metrics: [{ module: metric.mjs }]
`,
  );
  return folder;
}

describe('autopilot plan', () => {
  let folder: string;
  let text: CliResult;
  let json: CliResult;
  beforeAll(async () => {
    folder = composedStudy();
    [text, json] = await Promise.all([runCli(['plan', folder]), runCli(['plan', folder, '--json'])]);
  });

  it('draws the composed program: what does each action, where that comes from, and what it relies on', () => {
    expect(text).toMatchObject({ code: 0, stderr: '' });
    const tree = text.stdout.split('\n');
    const from = tree.indexOf('parallelism definition');
    expect(tree.slice(from, tree.indexOf('', from))).toEqual([
      'parallelism definition',
      '├─ training environment',
      '│  ├─ communication init        MPI, 2 ranks (mpi)  [config]',
      '│  ├─ device placement          GPUs 0, 1, one to each local rank in turn  [config]  relies on communication init, compute back end',
      '│  ├─ compute back end          auto  [default]',
      '│  ├─ CPU threads               the cores, shared by the processes  [default]  relies on communication init, compute back end',
      '│  └─ memory allocation         heap of 2048 MiB per process, GPU memory allocated as needed  [config]  relies on device placement, compute back end',
      '└─ training strategy',
      `   ├─ distribution strategy     ${folder}/strategy.mjs  [your module]  relies on communication init`,
      '   ├─ checkpoints               every 5 epochs, the last 2 kept  [default]',
      `   ├─ callbacks                 ${folder}/callback.mjs  [your module]  relies on checkpoints`,
      "   ├─ hyperparameter injection  rate 0.1, warmup 1, decay 1 epoch, coefficient 3; then the guideline's  [config]  relies on optimizer, architecture, loss",
      `   └─ optimizer                 ${folder}/optimizer.mjs  [your module]`,
      'model definition',
      '└─ model',
      '   ├─ task                      segmentation  [default]',
      '   ├─ architecture              unet  [config]  relies on task, dataset',
      '   ├─ dataset                   phantom  [config]  relies on task',
      `   ├─ loss                      ${folder}/loss.mjs  [your module]  relies on task, architecture`,
      '   ├─ decision metrics          dice, meanAccuracy, meanIoU  [default]  relies on task, further metrics',
      `   └─ further metrics           ${folder}/metric.mjs  [your module]  relies on task, dataset`,
      'Note: The distribution strategy is a module: it must give every rank the same mean, and relies on the communication init of this launcher.',
      'Note: The optimizer is a module: initialLr 0.1 is on its scale; tune it for one worker first.',
      'Note: The loss is a module: its scale acts like a rate; check initialLr, and that it serves dice.',
    ]);
  });

  const piped = (source: string) => {
    const command = [process.execPath, ...mainWords, 'plan', '-', '--json'];
    return spawnSync('sh', ['-c', `${source} | "$@"`, 'sh', ...command], { cwd: folder, encoding: 'utf8' });
  };

  it('reads the same from standard input, with the paths of this folder, however late it comes', () => {
    const { stdout, stderr } = piped('(sleep 1; cat study.yaml)');
    expect(stderr).toBe('');
    expect(stdout).toBe(json.stdout);
  });

  it('reads no standard input without end', () => {
    const { status, stdout } = piped('cat /dev/zero');
    expect([status, JSON.parse(stdout).error.message]).toEqual([
      1,
      expect.stringContaining('has more than 4194304 bytes'),
    ]);
  });

  it('gives the same as JSON', () => {
    expect(json).toMatchObject({ code: 0, stderr: '' });
    const { program } = JSON.parse(json.stdout) as { program: ComponentTree };
    const parts = program.components.flatMap(({ modules }) => modules.flatMap((its) => its.parts));
    expect(Object.fromEntries(parts.map(({ action, from }) => [action, from]))).toMatchObject({
      'device placement': 'config',
      'memory allocation': 'config',
      'CPU threads': 'default',
      checkpoints: 'default',
      'distribution strategy': 'module',
      loss: 'module',
      architecture: 'config',
    });
    expect(parts.filter(({ extensible }) => extensible).map(({ action }) => action)).toEqual([
      'distribution strategy',
      'callbacks',
      'optimizer',
      'architecture',
      'dataset',
      'loss',
      'further metrics',
    ]);
    // What an action relies on is an action of the same tree.
    const actions = parts.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(parts.flatMap(({ needs }) => needs)));
    expect(program.warnings).toHaveLength(3);
    for (const warning of program.warnings) expect(text.stdout).toContain(`Note: ${warning}\n`);
  });
});

describe('the program of a command', () => {
  it('is said to be its own where autopilot does not compose it', () => {
    const given = {
      name: 'planned',
      trainer: { kind: 'command', command: ['python3', 'train.py'] },
      workers: 2,
      epochs: 4,
      setting: { initialLr: 0.1, warmupEpochs: 1 },
      decision: { metrics: ['dice'] },
    };
    const parts = componentTree(parseStudyConfig(given), given).components.flatMap(({ modules }) =>
      modules.flatMap((module) => module.parts),
    );
    const own = parts.filter(({ is }) => is === "the command's own").map(({ action }) => action);
    expect(own).toEqual([
      'communication init',
      'compute back end',
      'CPU threads',
      'distribution strategy',
      'architecture',
      'dataset',
      'loss',
      'further metrics',
    ]);
  });
});

describe('what to look at again', () => {
  const treeOf = (fields: { setting?: object; [field: string]: unknown }, kinds: Kind[] = []) => {
    const given = {
      name: 'planned',
      workers: 2,
      epochs: 4,
      setting: { initialLr: 0.1, warmupEpochs: 1, optimizer: kinds.includes('optimizer') ? 'custom' : 'sgd' },
      ...(kinds.includes('dataset') ? {} : { data: { kind: 'phantom' } }),
      components: Object.assign({}, ...kinds.map((kind) => placeOf[kind](moduleFile(goodModules[kind])))),
      ...fields,
    };
    return componentTree(parseStudyConfig(given), given);
  };

  it('is nothing where every part is the trainer’s own', () => {
    expect(treeOf({}).warnings).toEqual([]);
    expect(treeOf({ model: { architecture: 'unet' }, launcher: { kind: 'mpi' }, loss: 'dice' }).warnings).toEqual([]);
  });

  it.each<[Kind, RegExp]>([
    ['strategy', /one process hands it all gradients and mpi is null/],
    ['optimizer', /initialLr 0\.1 is on its scale/],
    ['architecture', /tune initialLr for one worker; set mixesImages/],
    ['dataset', /its images must fit the architecture/],
    ['loss', /check initialLr, and that it serves dice/],
  ])('is said for a module in the place of the %s alone', (kind, warning) => {
    expect(treeOf({}, [kind]).warnings).toEqual([expect.stringMatching(warning)]);
  });

  it('is said for GPUs that the back end would not heed', () => {
    const webgpu = { compute: { backend: 'webgpu' } };
    expect(treeOf(webgpu).warnings).toEqual([]);
    expect(treeOf({ ...webgpu, placement: { devices: 'localRank' } }).warnings).toEqual([
      expect.stringContaining('webgpu does not read'),
    ]);
  });

  it('leaves a dataset alone that brings its architecture', () => {
    const { warnings } = treeOf({}, ['architecture', 'dataset']);
    expect(warnings).toEqual([expect.stringContaining('The architecture is a module')]);
  });

  it('runs no code of a study unless it is asked to load its modules', async () => {
    const study = composedStudy();
    const ran = join(study, 'ran');
    writeFileSync(
      join(study, 'loss.mjs'),
      `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(ran)}, '');\n${goodModules.loss}`,
    );
    expect((await runCli(['plan', study])).code).toBe(0);
    expect(existsSync(ran)).toBe(false);
    expect((await runCli(['plan', study, '--load'])).code).toBe(0);
    expect(existsSync(ran)).toBe(true);
  });
});
