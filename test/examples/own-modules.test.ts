import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { mpiStatus } from '#mpi-node';
import { componentKinds } from '../../src/trainer/components/kinds.ts';
import { packedProject } from '../install/pack.ts';
import { engineProcesses, readStore } from '../support/engine-process.ts';
import { pageExamples } from '../support/page-examples.ts';
import { present } from '../support/required.ts';
import { hasSlurm, startSlurm, type TestSlurm } from '../support/slurm.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const hasMpi = present('mpi', mpiStatus().available && spawnSync('mpirun', ['--version']).status === 0, 'no MPI');
const examples = pageExamples('own-modules.md', ['ts', 'yaml']);
const modules = examples.filter(({ file }) => file.endsWith('.ts'));
const study = parse(examples.find(({ file }) => file === 'study.yaml')?.text ?? '');

const { engine, killAll } = engineProcesses();
afterEach(killAll);

/** The page's files in a folder of their own that has no node_modules. */
function pageFolder(more: object = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'own-modules-')));
  for (const { file, text } of modules) writeFileSync(join(folder, file), text);
  writeFileSync(join(folder, 'study.yaml'), stringify({ ...study, ...more }));
  return folder;
}

/** Runs the page's study with one iteration; what its distributed training left. */
async function trained(launcher: object) {
  const folder = pageFolder({ launcher, budget: { iterations: 1 }, compute: { threads: 1 } });
  const { events, said } = await engine(folder, ['run', folder]);
  expect(events.at(-1), said).toMatchObject({ type: 'study.ended' });
  const run = readStore(folder, (store) => store.runsOf('own-modules').find(({ key }) => key === 'iteration-0'));
  expect(run).toMatchObject({ state: 'finished', workers: 2 });
  const directory = join(folder, 'runs', run?.id ?? '');
  const lines = readFileSync(join(directory, 'events.ndjson'), 'utf8').trim().split('\n');
  const told = lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  const { metrics } = told.findLast(({ type }) => type === 'evaluation');
  const { weightsHash } = told.findLast(({ type }) => type === 'finished');
  return { metrics, weightsHash, table: readFileSync(join(directory, 'loss.csv'), 'utf8') };
}

describe('the modules of docs/own-modules.md', () => {
  it('are one of each kind', () => {
    const helpers = modules.map(({ text }) => /define\w+(?=\()/.exec(text.slice(text.indexOf('export default')))?.[0]);
    expect(helpers.map((name) => name?.toLowerCase()).sort()).toEqual(
      componentKinds.map((kind) => `define${kind}`).sort(),
    );
  });

  it('are accepted by the type checker, with what a reader has installed', { timeout: 180_000 }, async () => {
    const folder = (await packedProject()).inside();
    for (const { file, text } of modules) writeFileSync(join(folder, file), text);
    const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as {
      compilerOptions: object;
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch((error) => error);
    expect(stdout).toBe('');
  });
});

describe('the study of docs/own-modules.md runs', { timeout: 240_000 }, () => {
  let cluster: TestSlurm | undefined;
  let local: Awaited<ReturnType<typeof trained>>;
  const slurm = hasSlurm();
  beforeAll(async () => {
    if (slurm) cluster = startSlurm();
    local = await trained({ kind: 'local' });
  }, 180_000);
  afterAll(() => cluster?.stop());

  it('with local workers, and learns', () => {
    expect(local.metrics.volumeAgreement).toBeGreaterThan(0.5);
    expect(local.metrics.dice).toBeGreaterThan(0.5);
    expect(local.table).toMatch(/^1,[\d.]+,[\d.]+\n2,[\d.]+,[\d.]+\n3,[\d.]+,[\d.]+\n# finished\n$/);
  });

  it.skipIf(!hasMpi)('under mpirun, to the bit as with local workers', async () => {
    expect(await trained({ kind: 'mpi' })).toEqual(local);
  });

  it.skipIf(!slurm)('under Slurm, to the bit as with local workers', async () => {
    expect(await trained({ kind: 'slurm', pollSeconds: 0.3 })).toEqual(local);
  });
});
