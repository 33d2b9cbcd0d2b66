import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { launcherConfig, type MpiLauncherConfig } from '../../../src/config/sections/launcher.ts';
import type { Job } from '../../../src/launcher/launcher.ts';
import { logOf } from '../../../src/launcher/local/launcher.ts';
import { mpiLauncher } from '../../../src/launcher/mpi/launcher.ts';
import { ranksAmong } from '../../../src/launcher/mpi/processes.ts';
import { processesOf, signalAll } from '../../../src/launcher/processes/attempt-processes.ts';
import { heartbeatDirectory, heartbeatFile } from '../../../src/protocol/heartbeat-file.ts';
import { present } from '../../support/required.ts';
import { appears, launcherContract } from '../launcher-contract.ts';
import { expectHeldProcessNoticed } from '../processes/held-process.ts';

// Where Open MPI is the default, MPICH's programs carry its name (Debian: apt-get install mpich).
const mpirun = 'mpirun.mpich';
const hasMpich = present('mpi', spawnSync(mpirun, ['--version']).status === 0, `no ${mpirun} on the PATH`);
const fixture = fileURLToPath(new URL('../../fixtures/program.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mpich-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config = (fields: Partial<MpiLauncherConfig> = {}) =>
  launcherConfig.parse({ kind: 'mpi', mpirun, ...fields }) as MpiLauncherConfig;

let count = 0;
function jobThat(does: string[], workers = 2): Job {
  const runDirectory = mkdtempSync(join(folder, 'run-'));
  count += 1;
  const command = [process.execPath, fixture, ...does];
  const program = { command, directory: runDirectory, environment: {}, start: 'perRank' as const };
  return { attempt: `mpich.${process.pid}.${count}`, runDirectory, workers, program };
}

describe.skipIf(!hasMpich)("with MPICH's mpirun", () => {
  launcherContract('mpi (MPICH)', { launcher: () => mpiLauncher(config()), workers: 2 });

  it('says that a rank was killed, and ends the others', async () => {
    const job = jobThat(['wait']);
    const launched = await mpiLauncher(config()).start(job);
    await appears(join(job.runDirectory, 'ready'));
    signalAll(ranksAmong(processesOf(job.attempt)).slice(-1), 'SIGKILL');
    expect(await launched.exited).toMatchObject({
      state: 'workersLost',
      message: expect.stringMatching(/a rank on \S+ was ended by SIGKILL/),
    });
    expect(processesOf(job.attempt)).toEqual([]);
  });

  it('says by its heartbeat which rank was killed', async () => {
    const job = jobThat(['wait']);
    const launched = await mpiLauncher(config()).start(job);
    await appears(join(job.runDirectory, 'ready'));
    const [rank] = ranksAmong(processesOf(job.attempt));
    mkdirSync(heartbeatDirectory(job.runDirectory, job.attempt), { recursive: true });
    const beat = { rank: 1, host: 'here', pid: rank!.pid, beat: 1, step: 3, phase: 'working' };
    writeFileSync(heartbeatFile(job.runDirectory, { attempt: job.attempt, rank: 1 }), JSON.stringify(beat));
    signalAll([rank!], 'SIGKILL');
    expect(await launched.exited).toMatchObject({
      message: expect.stringMatching(/^rank 1 on \S+ was ended by SIGKILL/),
    });
  });

  it('understands that mpirun itself was killed, even with a rank that is stopped', async () => {
    const job = jobThat(['wait']);
    const launched = await mpiLauncher(config()).start(job);
    await appears(join(job.runDirectory, 'ready'));
    const processes = processesOf(job.attempt);
    const leader = processes.filter(({ pid }) => pid === launched.handle.pid);
    expect(leader).toHaveLength(1);
    signalAll(ranksAmong(processes).slice(0, 1), 'SIGSTOP');
    signalAll(leader, 'SIGKILL');
    expect(await launched.exited).toMatchObject({ state: 'workersLost', message: expect.stringContaining('mpirun') });
    expect(processesOf(job.attempt)).toEqual([]);
  });

  it.concurrent.each(['rank', 'mpirun'])('notices before any heartbeat that a signal holds a %s', (who) =>
    expectHeldProcessNoticed(mpiLauncher(config({ heartbeatSeconds: 2 })), {
      job: jobThat(['wait']),
      who,
      named: `${who}(\\.mpich| \\d)`,
    }),
  );

  it('says in the log which rank wrote a line', async () => {
    const job = jobThat(['print', 'from a rank']);
    await (await mpiLauncher(config()).start(job)).exited;
    const lines = readFileSync(logOf(job.runDirectory, job.attempt), 'utf8').trim().split('\n').sort();
    expect(lines).toEqual(['[0] from a rank', '[1] from a rank']);
  });

  it('starts more ranks than there are cores', async () => {
    const job = jobThat(['exit', '0'], 18);
    expect(await (await mpiLauncher(config()).start(job)).exited).toEqual({ state: 'exited', code: 0 });
  });

  it("gives mpirun its own options, not Open MPI's", () => {
    const text = mpiLauncher(
      config({ hostfile: '/etc/hosts.mpi', ranksPerHost: 4, network: 'ib0', extraArguments: ['-print-all-exitcodes'] }),
    ).describe(jobThat([], 8));
    for (const part of ['-n 8', '-f /etc/hosts.mpi', '-ppn 4', '-iface ib0', '-bind-to none', '-print-all-exitcodes']) {
      expect(text).toContain(part);
    }
    expect(text).not.toMatch(/--mca|--oversubscribe|--allow-run-as-root|--output-filename/);
  });
});
