import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { localLauncher } from '../../../src/launcher/local/launcher.ts';
import { identityOf, isAlive } from '../../../src/launcher/processes/process-identity.ts';
import { launcherContract } from '../launcher-contract.ts';

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

it('tells an exit code from a signal', async () => {
  expect(await (await start('exit', '3')).exited).toEqual({ how: 'exited', code: 3 });
  expect(await (await start('signal', 'SIGKILL')).exited).toEqual({ how: 'signalled', signal: 'SIGKILL' });
});

it('names the missing program and the setting to check', async () => {
  const program = { command: ['/no/such/program'], directory: tmpdir(), environment: {}, start: 'perRank' as const };
  const runDirectory = mkdtempSync(join(tmpdir(), 'local-'));
  const job = await localLauncher().start({ attempt: 'local.missing', runDirectory, workers: 1, program });
  expect(await job.exited).toMatchObject({ how: 'notStarted', message: expect.stringContaining('/no/such/program') });
});

it('recognizes a program that ran out of memory by its last words', async () => {
  expect(await (await start('complain', 'MemoryError')).exited).toMatchObject({ how: 'outOfMemory' });
  expect(await (await start('complain', 'RuntimeError: CUDA out of memory. Tried')).exited).toMatchObject({
    how: 'outOfMemory',
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
