import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launcherConfig, type SlurmLauncherConfig } from '../../../src/config/sections/launcher.ts';
import type { Job } from '../../../src/launcher/launcher.ts';
import { slurmLauncher } from '../../../src/launcher/slurm/launcher.ts';
import { slurmQueue } from '../../../src/launcher/slurm/queue.ts';
import { hasSlurm, slurm, startSlurm, type TestSlurm } from '../../support/slurm.ts';
import { eventsOf, tinyRun, weightsOf } from '../../support/tiny-run.ts';
import { appears, launcherContract } from '../launcher-contract.ts';

function config(fields: Partial<SlurmLauncherConfig> = {}): SlurmLauncherConfig {
  return launcherConfig.parse({ kind: 'slurm', pollSeconds: 0.3, ...fields }) as SlurmLauncherConfig;
}

describe.skipIf(!hasSlurm())('with a real Slurm', { timeout: 180_000 }, () => {
  let cluster: TestSlurm;
  let undisturbed: string;
  beforeAll(() => {
    cluster = startSlurm();
  });
  afterAll(() => cluster?.stop());

  launcherContract('slurm', { launcher: () => slurmLauncher(config()), workers: 2, patienceMs: 90_000 });

  it('trains on the ranks of an allocation', async () => {
    const job = tinyRun({ workers: 2 });
    const launched = await slurmLauncher(config()).start(job);
    expect(await launched.exited).toEqual({ state: 'exited', code: 0 });
    undisturbed = weightsOf(job.runDirectory);
    expect(undisturbed).toMatch(/^[0-9a-f]{64}$/);
  });

  it('understands a scancel from outside', async () => {
    const job = tinyRun({ workers: 2, epochs: 100_000, restsUntil: 'never' });
    const launched = await slurmLauncher(config()).start(job);
    await untilEvent(job.runDirectory, 'epoch');
    slurm('scancel', String(launched.handle.jobId));
    expect(await launched.exited).toMatchObject({
      state: 'cancelled',
      message: expect.stringContaining('from outside'),
    });
  });

  it('says that a rank was killed, and ends the others', async () => {
    const job = tinyRun({ workers: 2, epochs: 100_000, restsUntil: 'never' });
    const launched = await slurmLauncher(config()).start(job);
    await untilEvent(job.runDirectory, 'epoch');
    const beat = JSON.parse(readFileSync(`${job.runDirectory}/heartbeats/${job.attempt}/rank-1.json`, 'utf8'));
    process.kill(beat.pid, 'SIGKILL');
    expect(await launched.exited).toMatchObject({ state: 'workersLost' });
  });

  it('notices a rank that hangs, long before it would look at the queue again', async () => {
    const job = tinyRun({ workers: 2, epochs: 100_000, restsUntil: 'never' });
    // Looked at only so rarely, heartbeats would be late every time, and the watch would blame itself.
    const launched = await slurmLauncher(config({ pollSeconds: 4, heartbeatSeconds: 2 })).start(job);
    await untilEvent(job.runDirectory, 'epoch');
    const beat = JSON.parse(readFileSync(`${job.runDirectory}/heartbeats/${job.attempt}/rank-1.json`, 'utf8'));
    process.kill(beat.pid, 'SIGSTOP');
    expect(await launched.exited).toEqual({
      state: 'workersLost',
      message: expect.stringMatching(`^rank 1 .pid ${beat.pid} on c\\d, step \\d+. gave no sign of life for 2 s$`),
    });
  });

  it('goes back into the queue with a checkpoint when it is preempted, and ends with the same weights', async () => {
    const restsUntil = join(mkdtempSync(join(tmpdir(), 'preempted-')), 'preempted');
    const [job, calm] = [1, 2].map(() => tinyRun({ workers: 2, epochs: 40, restsUntil })) as [Job, Job];
    const launched = await slurmLauncher(config({ extraArguments: ['--nodelist=c1'], nodes: 1 })).start(job);
    await untilEvent(job.runDirectory, 'checkpoint');
    slurm('sbatch', '--partition=high', '--nodelist=c1', '--exclusive', '--output=/dev/null', '--wrap=sleep 2');
    const started = () => eventsOf(job.runDirectory).filter(({ type }) => type === 'started');
    await expect.poll(started, { timeout: 150_000 }).toHaveLength(2);
    writeFileSync(restsUntil, '');
    expect(await launched.exited).toEqual({ state: 'exited', code: 0 });
    expect(started()).toHaveLength(2);
    expect(started()[1]).toHaveProperty('resumedFromStep');
    await (await slurmLauncher(config()).start(calm)).exited;
    expect(weightsOf(job.runDirectory)).toBe(weightsOf(calm.runDirectory));
  });

  it('is asked for a checkpoint before the time limit and goes back into the queue, a bounded number of times', async () => {
    const job = tinyRun({ workers: 2, epochs: 100_000, restsUntil: 'never' });
    // Slurm looks every half minute and warns up to half a minute early: 15 to 45 s after each start, when it trains.
    const launched = await slurmLauncher(config({ time: '2', warnSeconds: 75, requeues: 1 })).start(job);
    const exit = await launched.exited;
    expect(exit).not.toEqual({ state: 'exited', code: 0 });
    const started = eventsOf(job.runDirectory).filter(({ type }) => type === 'started');
    expect(started).toHaveLength(2);
    expect(started[1]).toHaveProperty('resumedFromStep');
  });

  it('is refused for good by a wrong partition, with Slurm’s words', async () => {
    const launched = await slurmLauncher(config({ partition: 'nowhere' })).start(tinyRun({ workers: 1 }));
    expect(await launched.exited).toMatchObject({ state: 'notStarted', message: expect.stringMatching(/partition/i) });
  });

  it('follows its job through an outage of the controller, and starts another when that is over', async () => {
    const job = tinyRun({ workers: 2, epochs: 40 });
    const launched = await slurmLauncher(config()).start(job);
    await untilEvent(job.runDirectory, 'epoch');
    cluster.controllerDown();
    expect(await slurmQueue().entryOf(String(launched.handle.jobId))).toBe('unreachable');
    const next = tinyRun({ workers: 2 });
    const starting = slurmLauncher(config()).start(next);
    await untilEvent(job.runDirectory, 'finished');
    cluster.controllerUp();
    expect(await launched.exited).toEqual({ state: 'exited', code: 0 });
    expect(await (await starting).exited).toEqual({ state: 'exited', code: 0 });
    expect(weightsOf(next.runDirectory)).toBe(undisturbed);
    expect(slurm('squeue', '--noheader', '--states=all', `--name=${next.attempt}`).split('\n')).toHaveLength(1);
  });

  it('waits while the queue is full, and says so', async () => {
    const blocker = slurm('sbatch', '--parsable', '--nodes=4', '--exclusive', '--output=/dev/null', '--wrap=sleep 600');
    const job = tinyRun({ workers: 2 });
    const launched = await slurmLauncher(config()).start(job);
    expect(launched.waiting?.()).toBe(true);
    slurm('scancel', blocker);
    expect(await launched.exited).toEqual({ state: 'exited', code: 0 });
    expect(weightsOf(job.runDirectory)).toBe(undisturbed);
  });
});

async function untilEvent(runDirectory: string, type: string): Promise<void> {
  await appears(`${runDirectory}/checkpoints`);
  await expect
    .poll(() => eventsOf(runDirectory).some((event) => event.type === type), { timeout: 60_000, interval: 100 })
    .toBe(true);
}

describe('the sbatch script', () => {
  it('is readable and has everything the config says', () => {
    const launcher = slurmLauncher(
      config({
        account: 'radiology',
        partition: 'gpu',
        qos: 'long',
        gres: 'gpu:2',
        constraint: 'a100',
        nodes: 2,
        ranksPerNode: 4,
        cpusPerRank: 6,
        memory: '64G',
        time: '12:00:00',
        setup: ['module load openmpi', 'source venv/bin/activate'],
        extraArguments: ['--exclusive'],
        environment: { DATA: '/data/it is here' },
      }),
    );
    const script = launcher.describe({ ...tinyRun({ workers: 8 }), attempt: 'study.run.1.abc' });
    for (const line of [
      '#SBATCH --job-name=study.run.1.abc',
      '#SBATCH --ntasks=8',
      '#SBATCH --account=radiology',
      '#SBATCH --partition=gpu',
      '#SBATCH --qos=long',
      '#SBATCH --gres=gpu:2',
      '#SBATCH --constraint=a100',
      '#SBATCH --nodes=2',
      '#SBATCH --ntasks-per-node=4',
      '#SBATCH --cpus-per-task=6',
      '#SBATCH --mem=64G',
      '#SBATCH --time=12:00:00',
      '#SBATCH --exclusive',
      '#SBATCH --signal=B:USR1@120',
      'module load openmpi',
      'source venv/bin/activate',
      "export DATA='/data/it is here'",
    ]) {
      expect(script.split('\n')).toContain(line);
    }
    expect(script).toMatch(/srun -K1 --mpi=pmix/);
  });
});
