import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launcherConfig, type SchedulerLauncherConfig } from '../../../src/config/sections/launcher.ts';
import type { Job, LaunchedJob } from '../../../src/launcher/launcher.ts';
import { schedulerLauncher } from '../../../src/launcher/scheduler/launcher.ts';
import { gridEngine, hasGridEngine, startGridEngine, type TestGridEngine } from '../../support/grid-engine.ts';
import { eventsOf, tinyRun, weightsOf } from '../../support/tiny-run.ts';
import { appears, launcherContract } from '../launcher-contract.ts';

function config(fields: Partial<SchedulerLauncherConfig> = {}): SchedulerLauncherConfig {
  const given = { kind: 'scheduler', preset: 'gridEngine', pollSeconds: 0.3, ...fields };
  return launcherConfig.parse(given) as SchedulerLauncherConfig;
}

/** A user's command that starts its workers itself: a shell script. */
function commandOf(script: string, runDirectory = mkdtempSync(join(tmpdir(), 'command-'))): Job {
  const job = tinyRun({ workers: 2, runDirectory });
  const command = ['sh', '-c', script];
  return { ...job, program: { ...job.program, command, directory: runDirectory, start: 'once', masterPort: 20_000 } };
}

let path: string | undefined;

/** As sites wrap it: this `qsub` comes before Grid Engine's own on the PATH, and finds that as `real`. */
function wrapSubmission(text: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'wrapper-'));
  const real = gridEngine('sh', '-c', 'command -v qsub');
  writeFileSync(join(folder, 'qsub'), `#!/bin/bash\nreal=${real}\n${text}\n`);
  chmodSync(join(folder, 'qsub'), 0o755);
  process.env.PATH = `${folder}:${path}`;
}

/** Resolves once so many jobs of this name have been, ended ones alone; accounts are written a moment after the end. */
async function untilJobsNamed(name: string, count: number): Promise<void> {
  await expect.poll(() => gridEngine('qstat', '-j', name), { timeout: 60_000 }).not.toContain('job_number');
  const accounted = () => gridEngine('qacct', '-j', name).match(/^jobnumber/gm)?.length ?? 0;
  await expect.poll(accounted, { timeout: 60_000 }).toBe(count);
}

async function untilEvent(runDirectory: string, type: string): Promise<void> {
  await expect
    .poll(() => eventsOf(runDirectory).some((event) => event.type === type), { timeout: 150_000, interval: 100 })
    .toBe(true);
}

function rankOf({ runDirectory, attempt }: Job, rank: number): number {
  return JSON.parse(readFileSync(`${runDirectory}/heartbeats/${attempt}/rank-${rank}.json`, 'utf8')).pid;
}

describe.skipIf(!hasGridEngine())('with a real Grid Engine', { timeout: 300_000 }, () => {
  let cluster: TestGridEngine;
  beforeAll(() => {
    cluster = startGridEngine();
    path = process.env.PATH;
  });
  afterAll(() => cluster?.stop());
  const started: LaunchedJob[] = [];
  afterEach(async () => {
    process.env.PATH = path;
    // What a test leaves running when it fails.
    await Promise.all(started.splice(0).map((job) => job.kill()));
  });

  async function start(given: SchedulerLauncherConfig, job: Job): Promise<LaunchedJob> {
    const launched = await schedulerLauncher(given).start(job);
    started.push(launched);
    return launched;
  }

  launcherContract('scheduler', { launcher: () => schedulerLauncher(config()), workers: 2, patienceMs: 90_000 });

  it('names a killed rank and ends the others, and the next attempt ends with the weights of an undisturbed run', async () => {
    const calm = tinyRun({ workers: 2, epochs: 20 });
    expect(await (await start(config(), calm)).exited).toEqual({ state: 'exited', code: 0 });
    const job = tinyRun({ workers: 2, epochs: 20 });
    const launched = await start(config(), job);
    await untilEvent(job.runDirectory, 'checkpoint');
    process.kill(rankOf(job, 1), 'SIGKILL');
    expect(await launched.exited).toMatchObject({ state: 'workersLost', message: expect.stringContaining('rank 1') });
    const checkpoint = eventsOf(job.runDirectory).findLast(({ type }) => type === 'checkpoint');
    const resumeFrom = join(job.runDirectory, checkpoint?.path ?? '');
    const next = tinyRun({ workers: 2, epochs: 20, attempt: 2, runDirectory: job.runDirectory, resumeFrom });
    expect(await (await start(config(), next)).exited).toEqual({ state: 'exited', code: 0 });
    expect(weightsOf(job.runDirectory)).toBe(weightsOf(calm.runDirectory));
  });

  it('notices a rank that hangs', async () => {
    const job = tinyRun({ workers: 2, epochs: 100_000, restsUntil: 'never' });
    const launched = await start(config({ pollSeconds: 4, heartbeatSeconds: 2 }), job);
    await untilEvent(job.runDirectory, 'epoch');
    process.kill(rankOf(job, 1), 'SIGSTOP');
    const message = expect.stringMatching(/^rank 1 .* gave no sign of life for 2 s/);
    expect(await launched.exited).toEqual({ state: 'workersLost', message });
  });

  it('understands a qdel from outside', async () => {
    const job = tinyRun({ workers: 2, epochs: 100_000, restsUntil: 'never' });
    const launched = await start(config(), job);
    await untilEvent(job.runDirectory, 'epoch');
    gridEngine('qdel', String(launched.handle.jobId));
    expect(await launched.exited).toMatchObject({
      state: 'cancelled',
      message: expect.stringContaining('from outside'),
    });
  });

  it('follows its job through an outage of the master, and starts another once when that is over', async () => {
    const job = commandOf('touch here; until [ -e on ]; do sleep 0.1; done');
    const launched = await start(config(), job);
    await appears(join(job.runDirectory, 'here'));
    cluster.masterDown();
    const next = commandOf('exit 0');
    const starting = start(config(), next);
    writeFileSync(join(job.runDirectory, 'on'), '');
    expect(await launched.exited).toEqual({ state: 'exited', code: 0 });
    cluster.masterUp();
    expect(await (await starting).exited).toEqual({ state: 'exited', code: 0 });
    await untilJobsNamed(next.attempt, 1);
  });

  it.each([
    ['says it in words', 'id=$($real "$@") || exit; echo "Your job $id (\\"x\\") has been submitted"'],
    ['greets with numbers', 'echo 2026; echo "7 nodes are down"; $real "$@"; echo 5'],
    ['says nothing of the job at all', '$real "$@" > /dev/null && echo "Thank you."'],
    ['takes the job, and fails before it answers', '$real "$@" > /dev/null; echo "connection timed out" >&2; exit 1'],
  ])('finds the job that it submitted once where qsub %s', async (_, wrapper) => {
    wrapSubmission(wrapper);
    const job = commandOf('exit 0');
    const launched = await start(config(), job);
    expect(await launched.exited).toEqual({ state: 'exited', code: 0 });
    await untilJobsNamed(job.attempt, 1);
  });

  it('trains once where a job was submitted twice all the same', async () => {
    wrapSubmission('$real "$@" > /dev/null; $real "$@"');
    const job = commandOf('echo trained >> trained; sleep 2');
    const launched = await start(config(), job);
    expect(await launched.exited).toEqual({ state: 'exited', code: 0 });
    await untilJobsNamed(job.attempt, 2);
    expect(readFileSync(join(job.runDirectory, 'trained'), 'utf8')).toBe('trained\n');
  });

  it('is refused for good by an unknown queue, with the words of Grid Engine', async () => {
    const launched = await start(config({ queue: 'nowhere.q' }), commandOf('exit 0'));
    expect(await launched.exited).toMatchObject({ state: 'notStarted', message: expect.stringContaining('nowhere.q') });
  });

  it('waits while the slots are taken, says what holds a job, and takes one that waits out of the queue', async () => {
    const job = commandOf('touch ran');
    const launched = await start(config({ extraArguments: ['-h'] }), job);
    await expect.poll(() => launched.heldUpBy?.()).toContain('hqw');
    expect(launched.waiting?.()).toBe(true);
    await launched.stop({ graceMs: 60_000 });
    expect(existsSync(join(job.runDirectory, 'ran'))).toBe(false);
    await untilJobsNamed(job.attempt, 0);
  });

  it('asks for a checkpoint in time, and reports the time limit', async () => {
    const job = commandOf('trap "touch asked; exit 85" TERM; while :; do sleep 0.1; done');
    const launched = await start(config({ checkpointMinutes: 0.05 }), job);
    expect(await launched.exited).toMatchObject({ state: 'timeLimit' });
    expect(existsSync(join(job.runDirectory, 'asked'))).toBe(true);
  });

  it('says that a job ended at the time limit that it was given', async () => {
    const launched = await start(config({ time: '0:0:2' }), commandOf('sleep 600'));
    expect(await launched.exited).toMatchObject({ state: 'timeLimit' });
  });

  it('runs in a folder of any name, and gives every value as it is', async () => {
    const folder = mkdtempSync(join(tmpdir(), `it's "$(touch no)" `));
    const environment = { VALUE: 'a\n#$ -l slots=99\ntouch no; echo "$HOME" \'' };
    const job = commandOf('printf %s "$VALUE" > value', folder);
    const launched = await start(config({ environment }), job);
    expect(await launched.exited).toEqual({ state: 'exited', code: 0 });
    expect(readFileSync(join(folder, 'value'), 'utf8')).toBe(environment.VALUE);
    expect(existsSync(join(folder, 'no'))).toBe(false);
  });
});
