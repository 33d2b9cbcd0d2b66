import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Job, LaunchedJob, Launcher } from '../../src/launcher/launcher.ts';

export interface ContractOptions {
  /** A fresh launcher, as a new engine would make it. */
  launcher: () => Launcher;
  /** k of the jobs; 1 by default. */
  workers?: number;
  /** Milliseconds that starting, finding and ending may take here. */
  patienceMs?: number;
}

const fixture = fileURLToPath(new URL('../fixtures/program.mjs', import.meta.url));

/** The tests that every launcher passes, with real processes. */
export function launcherContract(name: string, { launcher, workers = 1, patienceMs = 30_000 }: ContractOptions): void {
  describe(`the ${name} launcher`, { timeout: patienceMs }, () => {
    let folder: string;
    let count = 0;
    const started: LaunchedJob[] = [];

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'launcher-'));
    });
    afterEach(async () => {
      await Promise.all(started.splice(0).map((job) => job.kill()));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    function jobThat(...does: string[]): Job {
      count += 1;
      const runDirectory = mkdtempSync(join(folder, 'run-'));
      const command = [process.execPath, fixture, ...does];
      return {
        attempt: `contract.${process.pid}.${count}`,
        runDirectory,
        workers,
        program: { command, directory: runDirectory, environment: { FIXTURE: 'given' }, start: 'perRank' },
      };
    }

    async function start(job: Job): Promise<LaunchedJob> {
      const launched = await launcher().start(job);
      started.push(launched);
      return launched;
    }

    it('runs the program with its run directory, its attempt and its environment', async () => {
      const job = jobThat('describe');
      const { exited } = await start(job);
      expect(await exited).toEqual({ state: 'exited', code: 0 });
      expect(JSON.parse(readFileSync(join(job.runDirectory, 'described.json'), 'utf8'))).toMatchObject({
        run: job.runDirectory,
        attempt: job.attempt,
        fixture: 'given',
        directory: job.runDirectory,
      });
    });

    it('tells success from failure', async () => {
      const { exited } = await start(jobThat('exit', '3'));
      expect(await exited).not.toEqual({ state: 'exited', code: 0 });
    });

    it('says that a program could not be started', async () => {
      const job = jobThat('exit', '0');
      const missing = { ...job, program: { ...job.program, command: ['/no/such/program'] } };
      const report = await (await start(missing)).exited;
      expect(report).not.toEqual({ state: 'exited', code: 0 });
    });

    it('keeps what the program prints', async () => {
      const job = jobThat('print', 'a line of output');
      await (await start(job)).exited;
      const logs = readFileSync(join(job.runDirectory, 'logs', `${job.attempt}.log`), 'utf8');
      expect(logs).toContain('a line of output');
    });

    it('stops a program that lets itself be asked', async () => {
      const job = jobThat('wait');
      const launched = await start(job);
      await appears(join(job.runDirectory, 'ready'));
      await launched.stop({ graceMs: patienceMs });
      expect(existsSync(join(job.runDirectory, 'asked'))).toBe(true);
    });

    it('ends a program that does not, after the grace period', async () => {
      const job = jobThat('refuse');
      const launched = await start(job);
      await appears(join(job.runDirectory, 'ready'));
      await launched.stop({ graceMs: 50 });
      expect(await launched.exited).not.toEqual({ state: 'exited', code: 0 });
    });

    it('leaves no process of the job behind', async () => {
      const job = jobThat('family');
      const launched = await start(job);
      await appears(join(job.runDirectory, 'ready'));
      const child = Number(readFileSync(join(job.runDirectory, 'child'), 'utf8'));
      await launched.kill();
      expect(isRunning(child)).toBe(false);
    });

    it('leaves no process behind that leads a session of its own', async () => {
      const job = jobThat('sessions');
      const launched = await start(job);
      await appears(join(job.runDirectory, 'ready'));
      const child = Number(readFileSync(join(job.runDirectory, 'child'), 'utf8'));
      await launched.stop({ graceMs: 1000 });
      expect(isRunning(child)).toBe(false);
    });

    it('is found by another engine through its handle, and followed to its end', async () => {
      const job = jobThat('wait');
      const { handle } = await start(job);
      await appears(join(job.runDirectory, 'ready'));
      const stored = JSON.parse(JSON.stringify(handle)) as Record<string, unknown>;
      const found = await launcher().attach({
        attempt: job.attempt,
        runDirectory: job.runDirectory,
        workers: 1,
        handle: stored,
      });
      expect(found).not.toBeNull();
      await found?.stop({ graceMs: patienceMs });
      expect(existsSync(join(job.runDirectory, 'asked'))).toBe(true);
    });

    it('is found by its name when the engine died before it stored the handle', async () => {
      const job = jobThat('wait');
      await start(job);
      await appears(join(job.runDirectory, 'ready'));
      const found = await launcher().attach({
        attempt: job.attempt,
        runDirectory: job.runDirectory,
        workers: 1,
        handle: null,
      });
      expect(found).not.toBeNull();
      await found?.kill();
    });

    it('is not found once it is gone, nor when it was never started', async () => {
      const job = jobThat('exit', '0');
      const { handle, exited } = await start(job);
      await exited;
      const { attempt, runDirectory } = job;
      expect(await launcher().attach({ attempt, runDirectory, handle, workers: 1 })).toBeNull();
      expect(await launcher().attach({ attempt: 'contract.never', runDirectory, handle: null, workers: 1 })).toBeNull();
    });

    it('describes a job without starting it', () => {
      const job = jobThat('describe');
      expect(launcher().describe(job)).toContain(fixture);
      expect(existsSync(join(job.runDirectory, 'described.json'))).toBe(false);
    });
  });
}

/** Resolves when a file is there. */
export function appears(path: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(join(path, '..'), look);
    const timer = setInterval(look, 100);
    function look(): void {
      if (!existsSync(path)) return;
      watcher.close();
      clearInterval(timer);
      resolve();
    }
    look();
  });
}

/** A corpse that nobody has buried yet does not run. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
