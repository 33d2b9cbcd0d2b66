import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { launcherConfig, type SlurmLauncherConfig } from '../../../src/config/sections/launcher.ts';
import type { Job } from '../../../src/launcher/launcher.ts';
import { slurmLauncher } from '../../../src/launcher/slurm/launcher.ts';
import { type QueueEntry, readEntry, type SlurmQueue } from '../../../src/launcher/slurm/queue.ts';
import { resumeFromLastCheckpoint } from '../../../src/launcher/slurm/resume.ts';
import { heartbeatDirectory, heartbeatFile } from '../../../src/protocol/heartbeat-file.ts';
import { tinyRun } from '../../support/tiny-run.ts';

const config = launcherConfig.parse({ kind: 'slurm', pollSeconds: 0.2 }) as SlurmLauncherConfig;
const launcherOf = (queue: SlurmQueue) => slurmLauncher(config, queue, { requeueSeconds: 0.1 });
const running: QueueEntry = { known: true, state: 'RUNNING', reason: 'None', exitCode: 0, signal: 0, restarts: 0 };
const ended = (state: string, exitCode = 0, signal = 0): QueueEntry => ({ ...running, state, exitCode, signal });

/** A queue whose answers a test writes down; anything else does nothing. */
function scripted(entries: QueueEntry[], more: Partial<SlurmQueue> = {}): SlurmQueue {
  return {
    submit: async () => ({ jobId: '7' }),
    entryOf: async () => (entries.length > 1 ? entries.shift()! : entries[0]!),
    findByName: async () => null,
    signal: async () => {},
    cancel: async () => {},
    startNow: async () => {},
    ...more,
  };
}

const ranks: ChildProcess[] = [];
afterEach(() => {
  for (const rank of ranks.splice(0)) rank.kill('SIGKILL');
});

/** A rank of a job that beats ten times a second; resolves with its first beat. */
async function beatingRank({ runDirectory, attempt }: Job): Promise<ChildProcess> {
  mkdirSync(heartbeatDirectory(runDirectory, attempt), { recursive: true });
  const program = `
    const { renameSync, writeFileSync } = require('node:fs');
    const file = process.argv[1];
    let beat = 0;
    setInterval(() => {
      const last = { rank: 0, host: 'here', pid: process.pid, beat: beat++, step: 5, phase: 'working' };
      writeFileSync(file + '.tmp', JSON.stringify(last));
      renameSync(file + '.tmp', file);
      console.log('beat');
    }, 100);`;
  const file = heartbeatFile(runDirectory, { attempt, rank: 0 });
  const rank = spawn(process.execPath, ['-e', program, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  ranks.push(rank);
  await once(rank.stdout!, 'data');
  return rank;
}

it('reads what scontrol prints', () => {
  const text =
    'JobId=12 JobName=a.1.f UserId=root(0) JobState=PENDING Reason=BeginTime Requeue=1 Restarts=2 ExitCode=85:0 Time=1\n';
  expect(readEntry(text)).toEqual({
    known: true,
    state: 'PENDING',
    reason: 'BeginTime',
    restarts: 2,
    exitCode: 85,
    signal: 0,
  });
  expect(readEntry('')).toEqual({ known: false });
});

it.each([
  [ended('COMPLETED'), { state: 'exited', code: 0 }],
  [ended('FAILED', 3), { state: 'exited', code: 3 }],
  [ended('FAILED', 0, 11), { state: 'signalled', signal: 'SIGSEGV' }],
  [ended('FAILED', 137), { state: 'workersLost' }],
  [ended('TIMEOUT'), { state: 'timeLimit' }],
  [ended('PREEMPTED'), { state: 'preempted' }],
  [ended('NODE_FAIL'), { state: 'workersLost' }],
  [ended('OUT_OF_MEMORY'), { state: 'outOfMemory' }],
  [ended('CANCELLED'), { state: 'cancelled' }],
  [{ known: false } as const, { state: 'gone' }],
])('tells %o', async (last, report) => {
  const launched = await launcherOf(scripted([running, last])).start(tinyRun({ workers: 1 }));
  expect(await launched.exited).toMatchObject(report);
});

it('follows a job back into the queue that looks cancelled for a moment', async () => {
  const pending: QueueEntry = { ...running, state: 'PENDING', restarts: 1 };
  const again: QueueEntry = { ...running, restarts: 1 };
  const queue = scripted([running, ended('CANCELLED', 85), pending, again, ended('COMPLETED')]);
  const launched = await launcherOf(queue).start(tinyRun({ workers: 1 }));
  expect(await launched.exited).toEqual({ state: 'exited', code: 0 });
});

/** A queue that is asked every ten minutes, of a job whose rank is stopped as soon as it runs. */
async function stoppedRank(entries: QueueEntry[]) {
  const job = tinyRun({ workers: 1 });
  const rank = await beatingRank(job);
  const asked: QueueEntry[] = [];
  const { entryOf, ...queue } = scripted(entries);
  let cancelled = false;
  const rarely = { ...config, pollSeconds: 600, heartbeatSeconds: 2 };
  const launcher = slurmLauncher(
    rarely,
    {
      ...queue,
      async entryOf(jobId) {
        const entry = await entryOf(jobId);
        asked.push(entry);
        return entry;
      },
      async cancel() {
        cancelled = true;
      },
    },
    { requeueSeconds: 0.1 },
  );
  const launched = await launcher.start(job);
  rank.kill('SIGSTOP');
  return { rank, launched, asked, cancelled: () => cancelled };
}

it('ends a job with a rank that falls silent, however rarely the queue is asked', async () => {
  const { launched, rank, cancelled } = await stoppedRank([running, running, running, ended('CANCELLED')]);
  expect(await launched.exited).toEqual({
    state: 'workersLost',
    message: `rank 0 (pid ${rank.pid} on here, step 5) gave no sign of life for 2 s`,
  });
  expect(cancelled()).toBe(true);
});

it('leaves a job alone whose ranks are silent because it goes back into the queue', async () => {
  const pending: QueueEntry = { ...running, state: 'PENDING', restarts: 1 };
  const { launched, asked, cancelled } = await stoppedRank([running, pending]);
  await expect.poll(() => asked, { timeout: 10_000 }).toEqual([running, pending]);
  expect(launched.waiting?.()).toBe(true);
  expect(cancelled()).toBe(false);
});

it('waits for a Slurm that does not answer', async () => {
  const queue = scripted(['unreachable', running, 'unreachable', ended('COMPLETED')]);
  const launched = await launcherOf(queue).start(tinyRun({ workers: 1 }));
  expect(await launched.exited).toEqual({ state: 'exited', code: 0 });
});

it('does not submit again what had arrived without an answer', async () => {
  let submissions = 0;
  const queue = scripted([ended('COMPLETED')], {
    async submit() {
      submissions += 1;
      return { refused: 'Socket timed out on send/recv operation', permanent: false };
    },
    findByName: async () => '42',
  });
  const launched = await launcherOf(queue).start(tinyRun({ workers: 1 }));
  expect(launched.handle).toEqual({ jobId: '42' });
  expect(submissions).toBe(1);
});

it('goes on, after a requeue, from the last checkpoint that is there', () => {
  const directory = mkdtempSync(join(tmpdir(), 'requeue-'));
  mkdirSync(join(directory, 'logs'));
  const { runDirectory } = tinyRun({ workers: 2 });
  const events = join(runDirectory, 'events.ndjson');
  expect(resumeFromLastCheckpoint(runDirectory)).toBeNull();
  writeFileSync(join(runDirectory, 'checkpoints', 'one'), '');
  for (const path of ['checkpoints/one', 'checkpoints/gone']) {
    appendFileSync(events, `${JSON.stringify({ type: 'checkpoint', path, step: 1 })}\n`);
  }
  appendFileSync(events, '{"type":"checkpoint","pa');
  expect(resumeFromLastCheckpoint(runDirectory)).toBe(join(runDirectory, 'checkpoints/one'));
  expect(JSON.parse(readFileSync(join(runDirectory, 'run.json'), 'utf8')).resumeFrom).toBe(
    join(runDirectory, 'checkpoints/one'),
  );
});
