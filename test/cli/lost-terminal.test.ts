import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { temporaryProject } from '../engine/example-study.ts';
import { readStore } from '../support/engine-process.ts';
import { mainWords, runCli } from './run-cli.ts';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function project(): string {
  const folder = temporaryProject();
  const study = {
    name: 'example',
    trainer: { kind: 'simulated', epochMs: 100 },
    workers: 18,
    epochs: 6,
    setting: { initialLr: 0.5, warmupEpochs: 2, decayEpochs: 2 },
    budget: { iterations: 2 },
  };
  writeFileSync(join(folder, 'study.yaml'), stringify(study));
  return folder;
}

const words = (folder: string) => [...mainWords, 'run', join(folder, 'study.yaml'), '--project', folder];

/** A study in a process of its own, once a training has begun; its output goes to pipes. */
async function running(folder: string) {
  const child = spawn(process.execPath, words(folder), { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const ended = once(child, 'exit');
  for (let out = ''; !out.includes('epoch'); ) out += String((await once(child.stdout, 'data'))[0]);
  return { child, ended, said: () => said };
}

const outcomeOf = (folder: string) => readStore(folder, (store) => store.study('example')?.outcome);

it('goes on when its terminal is closed and its output goes elsewhere, as under nohup, and says so', {
  timeout: 60_000,
}, async () => {
  const folder = project();
  const { child, ended, said } = await running(folder);
  child.stdout?.resume();
  child.kill('SIGHUP');
  await expect
    .poll(said)
    .toContain(`The terminal was closed (SIGHUP); the study continues. Stop it with: kill ${child.pid}`);
  expect(await ended).toEqual([3, null]);
  expect(outcomeOf(folder)).toBe('budgetSpent');
});

it('goes on when nobody reads its output any more, says so, and ends with its own exit code', {
  timeout: 60_000,
}, async () => {
  const folder = project();
  const { child, ended, said } = await running(folder);
  child.stdout?.destroy();
  await expect.poll(said).toContain('The output lost its reader (EPIPE); the study continues');
  expect(await ended).toEqual([3, null]);
  expect(outcomeOf(folder)).toBe('budgetSpent');
});

it('stops as Ctrl-C does when the terminal that shows it is closed', { timeout: 60_000 }, async () => {
  const folder = project();
  // A terminal of its own, which goes away once it has shown an epoch.
  const terminal = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
shown = b""
while b"epoch" not in shown:
    shown += os.read(terminal, 65536)
os.close(terminal)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`;
  const child = spawn('python3', ['-c', terminal, process.execPath, ...words(folder)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CI: '', TERM: 'xterm' },
  });
  started.push(child);
  expect(await text(child.stdout)).toBe('130\n');
  const stopped = readStore(folder, (store) =>
    store.eventsOf(store.study('example')!.id, { types: ['study.stopped'] }).map(({ event }) => event),
  );
  expect(stopped).toMatchObject([{ reason: 'its terminal was closed (SIGHUP)' }]);
  expect((await runCli(['resume', 'example', '--project', folder])).code).toBe(3);
  expect(outcomeOf(folder)).toBe('budgetSpent');
});

it('is no error of a command that shows something that its reader went away', async () => {
  const child = spawn(process.execPath, [...mainWords, '--help'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  expect(await once(child, 'exit')).toEqual([0, null]);
});
