import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mpiStatus } from '#mpi-node';
import { launcherConfig, type MpiLauncherConfig } from '../../src/config/sections/launcher.ts';
import { localLauncher } from '../../src/launcher/local/launcher.ts';
import { mpiLauncher } from '../../src/launcher/mpi/launcher.ts';
import { heartbeatDirectory } from '../../src/protocol/heartbeat-file.ts';
import { prepareRunDirectory, runDirectoryFiles } from '../../src/protocol/run-directory.ts';
import { openStrategy } from '../../src/trainer/strategy/open-strategy.ts';
import { present } from '../support/required.ts';
import { eventsOf, type TinyRun, tinyRun, weightsOf } from '../support/tiny-run.ts';

const status = mpiStatus();
const hasMpi = present(
  'mpi',
  status.available && spawnSync('mpirun', ['--version']).status === 0,
  status.available ? 'no mpirun on the PATH' : `${status.reason} ${status.fix}`,
);
const hasMpich = present('mpi', spawnSync('mpirun.mpich', ['--version']).status === 0, 'no mpirun.mpich on the PATH');
const mpi = (mpirun = 'mpirun') => mpiLauncher(launcherConfig.parse({ kind: 'mpi', mpirun }) as MpiLauncherConfig);
const launchers = { local: localLauncher, mpi, mpich: () => mpi('mpirun.mpich') };

async function trainedBy(launcher: keyof typeof launchers, options: TinyRun) {
  const job = tinyRun(options);
  const launched = await launchers[launcher]().start(job);
  const exit = await launched.exited;
  return { job, exit, weights: weightsOf(job.runDirectory), events: eventsOf(job.runDirectory) };
}

const alone = new Map<number, ReturnType<typeof trainedBy>>();
/** What so many workers in one process end with: trained once for all that is compared with it. */
function trainedLocally(workers: number) {
  const training = alone.get(workers) ?? trainedBy('local', { workers });
  alone.set(workers, training);
  return training;
}

/** The gradient noise of each epoch. */
function noiseOf({ events }: { events: ReturnType<typeof eventsOf> }) {
  return events.flatMap(({ type, measured }) => (type === 'epoch' ? (measured?.gradientNoise ?? []) : []));
}

function lossesOf({ events }: { events: ReturnType<typeof eventsOf> }): number[] {
  return events.filter(({ type }) => type === 'epoch').map(({ loss = Number.NaN }) => loss);
}

describe.skipIf(!hasMpi)('a whole training on k MPI ranks', { timeout: 120_000 }, () => {
  it.each([2, 3, 4, 5, 6, 7, 8])('ends with the weights of k local workers, bit for bit: k = %i', async (workers) => {
    const local = await trainedLocally(workers);
    const ranks = await trainedBy('mpi', { workers });
    expect(local.weights).toMatch(/^[0-9a-f]{64}$/);
    expect(ranks.weights).toBe(local.weights);
    const finalOf = ({ events }: typeof local) => events.find(({ type }) => type === 'evaluation')?.metrics;
    expect(finalOf(ranks)).toEqual(finalOf(local));
    expect(noiseOf(local)).toHaveLength(3);
    expect(noiseOf(ranks)).toEqual(noiseOf(local));
  });

  it.skipIf(!hasMpich).each([3, 4])('ends with the same bits through MPICH: k = %i', async (workers) => {
    const [mpich, local] = [await trainedBy('mpich', { workers }), await trainedLocally(workers)];
    expect(mpich.exit).toEqual({ state: 'exited', code: 0 });
    expect(mpich.weights).toBe(local.weights);
  });

  it('ends with the same bits when buckets leave before the backward pass is over', async () => {
    const options = { workers: 3, channels: 96, epochs: 2, slices: 18 };
    const [ranks, local] = [await trainedBy('mpi', options), await trainedBy('local', options)];
    const [started] = ranks.events.filter(({ type }) => type === 'started');
    expect(started?.environment?.parameters).toBeGreaterThan(2 * 262_144);
    expect(ranks.weights).toMatch(/^[0-9a-f]{64}$/);
    expect(ranks.weights).toBe(local.weights);
    expect(noiseOf(local)).toHaveLength(2);
    expect(noiseOf(ranks)).toEqual(noiseOf(local));
  });

  it('ends with the same bits through a parameter server', async () => {
    const [server, local] = [
      await trainedBy('mpi', { workers: 3, strategy: 'parameterServer' }),
      await trainedLocally(3),
    ];
    expect(server.weights).toBe(local.weights);
    expect(noiseOf(server)).toEqual(noiseOf(local));
  });

  it.each([
    [4, 2],
    [8, 1],
    [12, 3],
    [12, 6],
  ])('ends with the same bits where ranks play several workers: %i workers on %i ranks', async (workers, processes) => {
    const [fewer, local] = [await trainedBy('mpi', { workers, processes }), await trainedLocally(workers)];
    expect(local.weights).toMatch(/^[0-9a-f]{64}$/);
    expect(fewer.weights).toBe(local.weights);
    expect(noiseOf(local)).toHaveLength(3);
    expect(noiseOf(fewer)).toEqual(noiseOf(local));
    const started = fewer.events.find(({ type }) => type === 'started');
    expect(started?.environment?.strategy).toContain(`${workers / processes} workers per rank`);
  });

  it('ends at the same place where that number is no power of two: other order of sums, same losses', async () => {
    const fewer = await trainedBy('mpi', { workers: 6, processes: 2 });
    const local = await trainedLocally(6);
    expect(lossesOf(fewer)).toHaveLength(3);
    for (const [epoch, loss] of lossesOf(local).entries()) expect(lossesOf(fewer)[epoch]).toBeCloseTo(loss, 5);
  });

  it('refuses ranks that do not divide the workers', async () => {
    const { events, exit } = await trainedBy('mpi', { workers: 3, processes: 2 });
    expect(exit).not.toEqual({ state: 'exited', code: 0 });
    expect(events.at(-1)?.reason).toMatch(/2 ranks cannot share 3 workers evenly/);
  });

  it('ends at the same place through a ring: other order of sums, same losses', async () => {
    const ring = await trainedBy('mpi', { workers: 4, strategy: 'ring' });
    const local = await trainedLocally(4);
    expect(lossesOf(ring)).toHaveLength(3);
    for (const [epoch, loss] of lossesOf(local).entries()) expect(lossesOf(ring)[epoch]).toBeCloseTo(loss, 5);
    for (const [epoch, { trace, squaredNorm }] of noiseOf(local).entries()) {
      expect(noiseOf(ring)[epoch]!.trace / trace).toBeCloseTo(1, 3);
      expect(noiseOf(ring)[epoch]!.squaredNorm / squaredNorm).toBeCloseTo(1, 3);
    }
    expect(ring.weights).toMatch(/^[0-9a-f]{64}$/);
  });

  it('leaves the last heartbeat of every rank, and events of rank 0 alone', async () => {
    const { job, events } = await trainedBy('mpi', { workers: 3 });
    const beats = readdirSync(heartbeatDirectory(job.runDirectory, job.attempt)).filter((name) =>
      name.endsWith('.json'),
    );
    expect(beats.sort()).toEqual(['rank-0.json', 'rank-1.json', 'rank-2.json']);
    expect(events.filter(({ type }) => type === 'started')).toHaveLength(1);
  });

  it('ends every rank when one has another checkpoint than the others', async () => {
    const job = tinyRun({ workers: 2 });
    const spec = JSON.parse(readFileSync(runDirectoryFiles(job.runDirectory).spec, 'utf8'));
    const other = tinyRun({ workers: 2, epochs: 5 });
    prepareRunDirectory(other.runDirectory, { ...spec, seed: 12 }, 'other');
    // Rank 1 reads the other folder, as it would with a run directory that is not shared.
    const command = [
      'sh',
      '-c',
      `[ "$OMPI_COMM_WORLD_RANK" = 1 ] && export AUTOPILOT_RUN=${other.runDirectory}; exec "$@"`,
      'sh',
    ];
    const program = { ...job.program, command: [...command, ...job.program.command] };
    const launched = await mpi().start({ ...job, program });
    expect(await launched.exited).toEqual({ state: 'exited', code: 70 });
    expect(eventsOf(other.runDirectory).at(-1)?.reason).toMatch(
      /a different configuration or checkpoint from worker 0/,
    );
  });
});

it('names the strategies there are', async () => {
  const unknown = openStrategy({ workers: 2, shards: 'exact', mixesSamples: false, strategy: 'gossip' });
  await expect(unknown).rejects.toThrow(/allreduce, ring, parameterServer/);
});
