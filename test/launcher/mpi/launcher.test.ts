import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { launcherConfig, type MpiLauncherConfig } from '../../../src/config/sections/launcher.ts';
import type { Job } from '../../../src/launcher/launcher.ts';
import { mpiLauncher } from '../../../src/launcher/mpi/launcher.ts';
import { processesOf, signalAll } from '../../../src/launcher/processes/attempt-processes.ts';
import { heartbeatDirectory, heartbeatFile } from '../../../src/protocol/heartbeat-file.ts';
import { present } from '../../support/required.ts';
import { appears, launcherContract } from '../launcher-contract.ts';
import { expectHeldProcessNoticed } from '../processes/held-process.ts';

const fixture = fileURLToPath(new URL('../../fixtures/program.mjs', import.meta.url));
const hasMpirun = present('mpi', spawnSync('mpirun', ['--version']).status === 0, 'no mpirun on the PATH');

function config(fields: Partial<MpiLauncherConfig> = {}): MpiLauncherConfig {
  const parsed = launcherConfig.parse({ kind: 'mpi', ...fields });
  if (parsed.kind !== 'mpi') throw new Error('not mpi');
  return parsed;
}

let count = 0;
function jobThat(does: string[], { workers = 2, command = [process.execPath, fixture, ...does] } = {}): Job {
  const runDirectory = mkdtempSync(join(tmpdir(), 'mpi-'));
  count += 1;
  const program = { command, directory: runDirectory, environment: {}, start: 'perRank' as const };
  return { attempt: `mpi.${process.pid}.${count}`, runDirectory, workers, program };
}

describe.skipIf(!hasMpirun)('with a real mpirun', () => {
  launcherContract('mpi', { launcher: () => mpiLauncher(config()), workers: 2 });

  it('says which rank was killed, and ends the others', async () => {
    const job = jobThat(['wait']);
    const launched = await mpiLauncher(config()).start(job);
    await appears(join(job.runDirectory, 'ready'));
    const rank = processesOf(job.attempt).at(-1);
    if (rank) signalAll([rank], 'SIGKILL');
    expect(await launched.exited).toMatchObject({
      state: 'workersLost',
      message: expect.stringMatching(/rank \d .*SIGKILL/),
    });
    expect(processesOf(job.attempt)).toEqual([]);
  });

  it('understands that mpirun itself was killed, even with a rank that is stopped', async () => {
    const job = jobThat(['wait']);
    const launched = await mpiLauncher(config()).start(job);
    await appears(join(job.runDirectory, 'ready'));
    const [mpirun, rank] = processesOf(job.attempt);
    if (mpirun && rank) {
      signalAll([rank], 'SIGSTOP');
      signalAll([mpirun], 'SIGKILL');
    }
    expect(await launched.exited).toMatchObject({ state: 'workersLost', message: expect.stringContaining('mpirun') });
    expect(processesOf(job.attempt)).toEqual([]);
  });

  it('ends the job when a rank that used to beat stops beating', async () => {
    const job = jobThat(['wait']);
    const launched = await mpiLauncher(config({ heartbeatSeconds: 2 })).start(job);
    mkdirSync(heartbeatDirectory(job.runDirectory, job.attempt), { recursive: true });
    const beat = { rank: 1, host: 'here', pid: 4711, beat: 1, step: 12, phase: 'working' };
    writeFileSync(heartbeatFile(job.runDirectory, { attempt: job.attempt, rank: 1 }), JSON.stringify(beat));
    const report = await launched.exited;
    expect(report).toMatchObject({
      state: 'workersLost',
      message: expect.stringMatching(/rank 1 \(pid 4711 on here, step 12\) gave no sign/),
    });
  });

  it.concurrent.each(['rank', 'mpirun'])('notices before any heartbeat that a signal holds a %s', (who) =>
    expectHeldProcessNoticed(mpiLauncher(config({ heartbeatSeconds: 2 })), {
      job: jobThat(['wait']),
      who,
      named: `${who}( \\d)?`,
    }),
  );

  it('keeps the output of each rank in a file of its own', async () => {
    const job = jobThat(['print', 'from a rank']);
    await (await mpiLauncher(config()).start(job)).exited;
    const log = (rank: number) =>
      spawnSync('cat', [join(job.runDirectory, 'logs', job.attempt, '1', `rank.${rank}`, 'stdout')]);
    expect(String(log(0).stdout)).toBe('from a rank\n');
    expect(String(log(1).stdout)).toBe('from a rank\n');
  });

  it('says what to do when there are fewer slots than workers', async () => {
    const job = jobThat(['exit', '0'], { workers: 64 });
    const report = await (await mpiLauncher(config({ oversubscribe: false })).start(job)).exited;
    expect(report).toMatchObject({ state: 'notStarted', message: expect.stringContaining('oversubscribe') });
  });
});

describe('the mpirun command line', () => {
  it('has everything the config says', () => {
    const launcher = mpiLauncher(
      config({
        hostfile: '/etc/hosts.mpi',
        ranksPerHost: 4,
        network: '10.0.0.0/24',
        environment: { OMP_NUM_THREADS: '2' },
        extraArguments: ['--mca', 'btl', 'self,tcp'],
      }),
    );
    const text = launcher.describe(jobThat([], { workers: 8, command: ['node', 'train it.js'] }));
    for (const part of [
      '-n 8',
      '--hostfile /etc/hosts.mpi',
      '--map-by ppr:4:node',
      '--bind-to none',
      'btl_tcp_if_include 10.0.0.0/24',
      '-x OMP_NUM_THREADS',
      '-x AUTOPILOT_RUN',
      'AUTOPILOT_EXPECT=8',
      'OMPI_MCA_mpi_yield_when_idle=1',
      'oob_tcp_keepalive_time 5',
      "--mca btl self,tcp node 'train it.js'",
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('--oversubscribe');
  });

  it('names the missing mpirun and the setting', async () => {
    const job = await mpiLauncher(config({ mpirun: 'no-such-mpirun' })).start(jobThat(['exit', '0']));
    expect(await job.exited).toMatchObject({
      state: 'notStarted',
      message: expect.stringContaining('launcher.mpirun'),
    });
  });
});
