import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { engineProcesses, readStore } from '../support/engine-process.ts';
import { hasSlurm, startSlurm, type TestSlurm } from '../support/slurm.ts';
import { folderOf } from '../support/stored-run.ts';
import { goodModules } from '../trainer/components/modules.ts';

const slices = fileURLToPath(new URL('../../examples/cerebellum/slices', import.meta.url));
const { engine, killAll } = engineProcesses();
afterEach(killAll);

/** The nodes see none of what lies in `own` here; run directories are shared, as Slurm's own output has to be. */
describe.skipIf(!hasSlurm())('Slurm nodes with disks of their own', { timeout: 120_000 }, () => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'slurm-disks-')));
  const own = join(base, 'own');
  const nodes = ['c1', 'c2', 'c3', 'c4'];
  const onNode = (node: string, path = '') => join(`${own}-${node}`, path.slice(own.length));
  let cluster: TestSlurm;
  beforeAll(() => {
    for (const folder of [own, ...nodes.map((node) => onNode(node))]) mkdirSync(folder);
    cluster = startSlurm({ own });
  }, 60_000);
  afterAll(() => cluster?.stop());

  /** A study with a module and slices that lie on this host alone. */
  function study(fields: object): { folder: string; project: string; loss: string } {
    const folder = mkdtempSync(join(own, 'study-'));
    const project = mkdtempSync(join(base, 'project-'));
    cpSync(slices, join(folder, 'slices'), { recursive: true });
    const loss = join(folder, 'loss.mjs');
    writeFileSync(loss, goodModules.loss);
    const text = stringify({
      name: 'apart',
      workers: 2,
      epochs: 2,
      launcher: { kind: 'slurm', nodes: 2, ranksPerNode: 1, pollSeconds: 0.3 },
      data: { kind: 'slices', path: 'slices' },
      model: { architecture: 'fcn', channels: 2, normalization: 'none' },
      setting: { initialLr: 0.05, warmupEpochs: 1, decayEpochs: 1 },
      components: { loss: { module: 'loss.mjs' } },
      budget: { iterations: 1 },
      baseline: { runs: [{ dice: 0.5, meanAccuracy: 0.5, meanIoU: 0.5 }] },
      attempts: 1,
      compute: { threads: 1 },
      ...fields,
    });
    writeFileSync(join(folder, 'study.yaml'), text);
    return { folder, project, loss };
  }

  async function run({ folder, project }: { folder: string; project: string }) {
    // The engine's project is where `--project` of the last one says.
    await engine(project, ['run', folder]);
    return readStore(project, (store) => store.runsOf('apart').find(({ key }) => key === 'iteration-0'));
  }

  function weightsIn(project: string): string {
    const text = readFileSync(join(folderOf(project, 'apart.iteration-0'), 'events.ndjson'), 'utf8');
    const finished = text.split('\n').find((line) => line.includes('"type":"finished"'));
    return finished === undefined ? 'not finished' : JSON.parse(finished).weightsHash;
  }

  it('get modules and data by sbcast, train to the weights of local workers, and keep nothing', async () => {
    const scratch = join(own, 'scratch');
    const broadcast = study({ deploy: { copy: 'sbcast', directory: scratch } });
    expect(await run(broadcast)).toMatchObject({ state: 'finished', reason: null });
    const local = study({ launcher: { kind: 'local', shards: 'exact' } });
    expect(await run(local)).toMatchObject({ state: 'finished' });
    expect(weightsIn(broadcast.project)).toBe(weightsIn(local.project));
    // Two nodes had it, and none has any of it left.
    const used = nodes.filter((node) => readdirSync(onNode(node)).includes('scratch'));
    expect(used).toHaveLength(2);
    for (const node of used) expect(readdirSync(onNode(node, scratch))).toEqual([]);
  });

  it('say which file is missing, and how to bring it there', async () => {
    const { reason, state } = (await run(study({}))) ?? {};
    expect(state).toBe('failed');
    expect(reason).toMatch(/On c\d: \/.*loss\.mjs \(module\) is missing, so nothing is trained here.*deploy\.copy/);
  });

  it('refuse to train with another file than the study’s, in the name of the node', async () => {
    const its = study({});
    for (const node of nodes) {
      cpSync(its.folder, onNode(node, its.folder), { recursive: true });
      appendFileSync(onNode(node, its.loss), node === 'c1' ? '' : '// an older one\n');
    }
    const { reason, state } = (await run(its)) ?? {};
    expect(state).toBe('failed');
    expect(reason).toMatch(/On c[234]: \/.*loss\.mjs \(module\) is not the file that the study was launched with/);
  });
});
