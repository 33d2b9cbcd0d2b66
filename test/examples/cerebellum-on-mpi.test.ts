import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { mpiStatus } from '#mpi-node';
import { findings, temporaryProject } from '../engine/example-study.ts';
import { engineProcesses, readStore } from '../support/engine-process.ts';
import { present } from '../support/required.ts';
import { weightsOf } from '../support/tiny-run.ts';

const example = fileURLToPath(new URL('../../examples/cerebellum', import.meta.url));
const hasMpi = present(
  'mpi',
  mpiStatus().available && spawnSync('mpirun', ['--version']).status === 0,
  'no MPI (Debian: apt-get install openmpi-bin libopenmpi-dev, then node packages/install.mjs)',
);
/** CEREBELLUM_EPOCHS=40 CEREBELLUM_ITERATIONS=3: the example at its own length. */
const epochs = Number(process.env.CEREBELLUM_EPOCHS ?? 2);
const iterations = Number(process.env.CEREBELLUM_ITERATIONS ?? 1);

const { engine, killAll } = engineProcesses();
afterEach(killAll);

/** Everything the store says of the example's study, run by a launcher with four workers and few epochs. */
async function whatCameOf(launcher: Record<string, unknown>) {
  const folder = temporaryProject();
  const study = parse(readFileSync(join(example, 'study.yaml'), 'utf8'));
  const small = {
    ...study,
    workers: 4,
    epochs,
    data: { ...study.data, path: join(example, study.data.path) },
    setting: { ...study.setting, ...(epochs < 40 ? { warmupEpochs: 1, decayEpochs: 1 } : {}) },
    baseline: { seeds: 1 },
    decision: { rule: 'thesis', tolerance: 0, metrics: ['meanAccuracy'], classes: 'mean' },
    guideline: 'thesis',
    budget: { iterations },
    compute: { threads: 1 },
    launcher,
  };
  writeFileSync(join(folder, 'study.yaml'), stringify(small));
  const { events, said } = await engine(folder, ['run', folder]);
  expect(events.at(-1), said).toMatchObject({ type: 'study.ended' });
  return readStore(folder, (store) => ({
    found: findings(store, 'cerebellum'),
    /** What a trivial predictor reaches on the baseline's and every other run's slices. */
    floors: store.eventsOf('cerebellum', { types: ['run.finished'] }).map(({ event }) => event.trivial),
    seconds: Math.max(
      ...store
        .runsOf('cerebellum')
        .filter(({ workers }) => workers === 4)
        .map(({ id }) => store.epochsOf(id).reduce((sum, { seconds }) => sum + (seconds ?? 0), 0)),
    ),
    /** Ranks with samples of what they used. */
    sampled: [
      ...new Set(
        store
          .runsOf('cerebellum')
          .flatMap(({ id }) => store.samplesOf(id))
          .map(({ rank }) => rank),
      ),
    ].sort(),
    trained: store.runsOf('cerebellum').map(({ id, key, workers }) => ({
      key,
      workers,
      epochs: store.epochsOf(id).map(({ epoch, loss, lr, metrics }) => ({ epoch, loss, lr, metrics })),
      weights: weightsOf(join(folder, 'runs', id)),
    })),
  }));
}

describe.skipIf(!hasMpi)('the cerebellum example on four MPI ranks', () => {
  it('finds what four local workers find: every loss, metric, decision and weight, to the bit; each rank is sampled', {
    timeout: Math.max(15, epochs * iterations) * 60_000,
  }, async () => {
    const local = await whatCameOf({ kind: 'local', shards: 'exact' });
    expect(local.trained.filter(({ workers }) => workers === 4).length).toBeGreaterThan(0);
    for (const { weights } of local.trained) expect(weights).toMatch(/^[0-9a-f]{64}$/);
    const { sampled, seconds, ...onRanks } = await whatCameOf({ kind: 'mpi' });
    expect(onRanks).toEqual({ found: local.found, floors: local.floors, trained: local.trained });
    // The first sample is taken after a second of training, which the fastest machines do not need.
    if (seconds > 2) expect(sampled).toEqual([0, 1, 2, 3]);
  });
});
