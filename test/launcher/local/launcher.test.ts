import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { localLauncher } from '../../../src/launcher/local/launcher.ts';
import { identityOf, isAlive } from '../../../src/launcher/processes/process-identity.ts';
import { appears, isRunning, launcherContract } from '../launcher-contract.ts';

launcherContract('local', { launcher: localLauncher });

const fixture = fileURLToPath(new URL('../../fixtures/program.mjs', import.meta.url));

function start(...does: string[]) {
  const runDirectory = mkdtempSync(join(tmpdir(), 'local-'));
  const program = {
    command: [process.execPath, fixture, ...does],
    directory: runDirectory,
    environment: {},
    start: 'perRank' as const,
  };
  return localLauncher().start({ attempt: `local.${process.pid}`, runDirectory, workers: 1, program });
}

async function withSessions() {
  const runDirectory = mkdtempSync(join(tmpdir(), 'local-'));
  const program = {
    command: [process.execPath, fixture, 'sessions'],
    directory: runDirectory,
    environment: {},
    start: 'once' as const,
  };
  const job = { attempt: `local.sessions.${basename(runDirectory)}`, runDirectory, workers: 1, program };
  const launched = await localLauncher().start(job);
  await appears(join(runDirectory, 'ready'));
  return { job, launched, child: Number(readFileSync(join(runDirectory, 'child'), 'utf8')) };
}

it('tells an exit code from a signal', async () => {
  expect(await (await start('exit', '3')).exited).toEqual({ state: 'exited', code: 3 });
  expect(await (await start('signal', 'SIGKILL')).exited).toEqual({ state: 'signalled', signal: 'SIGKILL' });
});

it('ends the workers that a killed program leaves behind in sessions of their own, and asks them first', async () => {
  const { job, launched, child } = await withSessions();
  process.kill(Number(launched.handle.pid), 'SIGKILL');
  expect(await launched.exited).toEqual({ state: 'signalled', signal: 'SIGKILL' });
  expect(existsSync(join(job.runDirectory, 'child-asked'))).toBe(true);
  expect(isRunning(child)).toBe(false);
});

it('finds such workers again when neither their program nor the engine lives any more', async () => {
  const { job, launched, child } = await withSessions();
  const stored = { ...job, handle: launched.handle };
  // As after a crash: only the handle is left, and it names a process that is gone.
  const leader = Number(launched.handle.pid);
  process.kill(leader, 'SIGKILL');
  await expect.poll(() => isRunning(leader)).toBe(false);
  expect(await localLauncher().attach(stored)).toBeNull();
  expect(isRunning(child)).toBe(false);
});

it('ends a process that wiped the mark from its environment', async () => {
  const runDirectory = mkdtempSync(join(tmpdir(), 'local-'));
  const program = {
    command: ['sh', '-c', 'env -i sleep 600 & echo $! > child; exec sleep 600'],
    directory: runDirectory,
    environment: {},
    start: 'once' as const,
  };
  const job = { attempt: `local.wiped.${process.pid}`, runDirectory, workers: 1, program };
  const launched = await localLauncher().start(job);
  await expect.poll(() => readFileSync(join(runDirectory, 'child'), { encoding: 'utf8', flag: 'a+' })).toMatch(/\d\n/);
  process.kill(Number(launched.handle.pid), 'SIGKILL');
  await launched.exited;
  expect(isRunning(Number(readFileSync(join(runDirectory, 'child'), 'utf8')))).toBe(false);
});

it('names the missing program and the setting to check', async () => {
  const program = { command: ['/no/such/program'], directory: tmpdir(), environment: {}, start: 'perRank' as const };
  const runDirectory = mkdtempSync(join(tmpdir(), 'local-'));
  const job = await localLauncher().start({ attempt: 'local.missing', runDirectory, workers: 1, program });
  expect(await job.exited).toMatchObject({ state: 'notStarted', message: expect.stringContaining('/no/such/program') });
});

it('recognizes a program that ran out of memory by its last words', async () => {
  expect(await (await start('complain', 'MemoryError')).exited).toMatchObject({ state: 'outOfMemory' });
  expect(await (await start('complain', 'RuntimeError: CUDA out of memory. Tried')).exited).toMatchObject({
    state: 'outOfMemory',
  });
});

it('does not take a later process with the same id for the job', () => {
  const identity = identityOf(process.pid);
  expect(identity).not.toBeNull();
  if (identity === null) return;
  expect(isAlive(identity)).toBe(true);
  expect(isAlive({ ...identity, processStart: `${identity.processStart}0` })).toBe(false);
  expect(isAlive({ ...identity, bootId: 'another boot' })).toBe(false);
  expect(isAlive({ ...identity, host: 'another-host' })).toBe(false);
});
