import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { mpiStatus } from '#mpi-node';
import { temporaryProject } from '../engine/example-study.ts';
import { packedProject } from '../install/pack.ts';
import { engineProcesses, readStore } from '../support/engine-process.ts';
import { pageExamples } from '../support/page-examples.ts';
import { present } from '../support/required.ts';
import { goodModules, moduleFile, placeOf } from '../trainer/components/modules.ts';

const hasMpi = present(
  'mpi',
  mpiStatus().available && spawnSync('mpirun', ['--version']).status === 0,
  'no MPI (Debian: apt-get install openmpi-bin libopenmpi-dev, then node packages/install.mjs)',
);
const slices = fileURLToPath(new URL('../../examples/cerebellum/slices', import.meta.url));
const page = readFileSync(new URL('../../docs/components.md', import.meta.url), 'utf8');
const study = pageExamples('components.md', ['yaml']).find(({ file }) => file === 'study.yaml')?.text ?? '';
/** Pairs of one line that goes and one that comes. */
const diffs = [...page.matchAll(/^```diff\n-(.*)\n\+(.*)\n```$/gm)].map(([, from = '', to = '']) => ({ from, to }));

// The page's study and modules by what `npm pack` makes, as a reader has it.
const { engine, killAll } = engineProcesses([(await packedProject()).program]);
afterEach(killAll);

/** Runs the study of the page for one epoch a training; what its second training was told. */
async function run(text: string) {
  const folder = temporaryProject();
  symlinkSync(slices, join(folder, 'slices'));
  const config = parse(text);
  const small = {
    ...config,
    model: { ...config.model, channels: 2, normalization: 'none' },
    epochs: 1,
    setting: { ...config.setting, warmupEpochs: 0 },
    baseline: { seeds: 1 },
    budget: { iterations: 1 },
    compute: { threads: 1 },
    // One epoch finds nothing, and of a metric of its own nobody knows what a trivial predictor reaches.
    components: placeOf.metric(moduleFile(goodModules.metric)),
    decision: {
      rule: 'thesis',
      metrics: [{ name: 'exactImages', direction: 'higher', bounds: [0, 1] }],
      classes: 'mean',
    },
  };
  writeFileSync(join(folder, 'study.yaml'), stringify(small));
  const { events, said } = await engine(folder, ['run', folder]);
  expect(events.at(-1), said).toMatchObject({ type: 'study.ended' });
  const trained = readStore(folder, (store) => store.runsOf(config.name).filter(({ state }) => state === 'finished'));
  expect(trained.map(({ workers }) => workers)).toEqual(expect.arrayContaining([1, 2]));
  const two = trained.find(({ workers }) => workers === 2);
  const directory = join(folder, 'runs', two?.id ?? '');
  const spec = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8'));
  // One process that plays all workers beats for nobody.
  const beats = join(directory, 'heartbeats');
  const files = existsSync(beats) ? readdirSync(beats, { recursive: true }).map(String) : [];
  const ranks = files.filter((name) => /rank-\d+\.json$/.test(name)).length;
  return { architecture: spec.model.architecture, data: spec.data.kind, strategy: spec.strategy, ranks };
}

const before = { architecture: 'unet', data: 'slices', strategy: 'allreduce', ranks: 0 };

describe('switching by one line, as docs/components.md shows it', { timeout: 240_000 }, () => {
  it('starts from a study that runs', async () => {
    expect(diffs).toHaveLength(4);
    expect(await run(study)).toEqual(before);
  });

  it.each([
    ['the architecture', 'fcn', { architecture: 'fcn' }],
    ['the data set', 'phantom', { data: 'phantom' }],
    ['the strategy', 'parameterServer', { strategy: 'parameterServer' }],
  ])('changes %s and nothing else', async (_, word, change) => {
    expect(await run(changed(word))).toEqual({ ...before, ...change });
  });

  it.skipIf(!hasMpi)('changes the launcher and nothing else', async () => {
    expect(await run(changed('mpi'))).toEqual({ ...before, ranks: 2 });
  });
});

/** The study after the page's diff whose new line has the word. */
function changed(word: string): string {
  const diff = diffs.find(({ to }) => to.includes(word));
  if (diff === undefined) throw new Error(`docs/components.md has no diff to ${word}`);
  expect(study.split('\n').filter((line) => line === diff.from)).toHaveLength(1);
  return study.replace(`\n${diff.from}\n`, `\n${diff.to}\n`);
}
