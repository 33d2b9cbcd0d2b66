import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchedByMpi, MpiUnavailableError, mpiStatus, withoutMpiEnvironment } from 'mpi-node';
import { afterAll, describe, expect, it } from 'vitest';
import { hasMpi, mpirun } from './mpirun.ts';

const packageDirectory = fileURLToPath(new URL('..', import.meta.url));

describe.skipIf(!hasMpi())('MPI on real ranks', () => {
  it.each([1, 2, 4, 18])('makes every call with the right numbers on %i ranks', async (ranks) => {
    const { exitCode, stdout, stderr } = await mpirun(ranks, 'collectives.js', { RANKS: String(ranks) });
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(stdout.match(/ok/g)).toHaveLength(ranks);
  });

  it('refuses a job of another size, naming both', async () => {
    const { exitCode, stderr } = await mpirun(2, 'collectives.js', { RANKS: '3' });
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/expected 3 ranks, this process sees 2/);
  });

  it.each([1, 2])('turns wrong arguments into errors and lives on, %i ranks', async (ranks) => {
    const { exitCode, stdout, stderr } = await mpirun(ranks, 'wrong-arguments.js');
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(stdout.match(/lives/g)).toHaveLength(ranks);
  });

  it('survives 5,000 calls with arguments of any kind in one process', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const program = join(packageDirectory, 'test', 'programs', 'any-arguments.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, String(seed), '714'], {
      env: withoutMpiEnvironment(),
      encoding: 'utf8',
    });
    expect(status, `seed ${seed}: ${stderr}`).toBe(0);
    const { made, refused } = JSON.parse(stdout);
    expect(made).toBeGreaterThan(4900);
    expect(refused).toBeGreaterThan(made / 2);
    expect(refused).toBeLessThan(made);
  });

  it('serves a worker_thread beside the main thread', async () => {
    const { exitCode, stdout } = await mpirun(2, 'worker-thread.js');
    expect(exitCode).toBe(0);
    expect(stdout.match(/ok/g)).toHaveLength(2);
  });

  it.each([
    ['abort', 70, /boom/],
    ['kill', 137, /signal 9/],
    ['exit', 3, /Exit code: +3/],
    ['throw', 1, /boom/],
    ['terminate', 70, /while its MPI calls are in flight/],
  ])('ends the whole job when a rank goes by %s', async (how, exitCode, message) => {
    const result = await mpirun(3, 'leave.js', { HOW: how });
    expect(result.exitCode).toBe(exitCode);
    expect(result.stderr).toMatch(message);
  });
});

describe('the install step', () => {
  const copies: string[] = [];
  afterAll(() => {
    for (const copy of copies) rmSync(copy, { recursive: true, force: true });
  });

  function installCopy(environment: Record<string, string>): string {
    const copy = mkdtempSync(join(tmpdir(), 'mpi-node-'));
    copies.push(copy);
    for (const name of ['index.js', 'lib', 'native', 'install', 'package.json']) {
      cpSync(join(packageDirectory, name), join(copy, name), { recursive: true });
    }
    const result = spawnSync(process.execPath, ['install/build.js'], {
      cwd: copy,
      env: { ...process.env, ...environment },
      encoding: 'utf8',
    });
    expect(result.status).toBe(0);
    return copy;
  }

  async function statusOf(copy: string) {
    const module: typeof import('mpi-node') = await import(join(copy, 'index.js'));
    return { module, status: module.mpiStatus() };
  }

  it('succeeds without a compiler; using MPI then fails with the reason and the fix', async () => {
    const { module, status } = await statusOf(installCopy({ MPICC: 'no-such-mpicc' }));
    expect(status).toMatchObject({ available: false, reason: expect.stringContaining('no-such-mpicc: not found') });
    await expect(module.initialize()).rejects.toThrow(/node \S+install\/build\.js/);
    await expect(module.initialize()).rejects.toMatchObject({
      code: 'MPI_UNAVAILABLE',
      fix: expect.stringContaining('apt-get'),
    });
  });

  it('succeeds with a compiler that lacks MPI, and reports its words', async () => {
    const { status } = await statusOf(installCopy({ MPICC: 'cc' }));
    expect(status.available).toBe(false);
    expect(status.problems.join()).toMatch(/mpi\.h/);
  });

  it('says so when the step never ran', async () => {
    const copy = installCopy({ MPICC: 'no-such-mpicc' });
    rmSync(join(copy, 'build'), { recursive: true });
    const { status } = await statusOf(copy);
    expect(status).toMatchObject({ available: false, reason: expect.stringContaining('did not run') });
  });

  it.skipIf(!mpiStatus().available)('says so when the library is damaged', async () => {
    const copy = installCopy({ MPICC: 'no-such-mpicc' });
    writeFileSync(join(copy, 'build', 'openmpi.node'), 'not a library');
    expect((await statusOf(copy)).status).toMatchObject({
      available: false,
      reason: expect.stringContaining('does not load'),
    });
  });
});

describe('choosing the MPI family', () => {
  it.each([
    [{}, null],
    [{ OMPI_COMM_WORLD_SIZE: '4', PMIX_RANK: '0' }, 'openmpi'],
    [{ PMI_RANK: '1' }, 'mpich'],
    [{ PMIX_RANK: '2', SLURM_JOB_ID: '7' }, 'openmpi'],
    [{ MPI_NODE_FAMILY: 'mpich', OMPI_COMM_WORLD_SIZE: '4' }, 'mpich'],
  ])('under %o it is %s', (environment: Record<string, string>, family) => {
    const before = { ...process.env };
    for (const name of Object.keys(process.env))
      if (/^(OMPI|PMI|PMIX|HYDI|MPI_NODE)_/.test(name)) delete process.env[name];
    Object.assign(process.env, environment);
    try {
      expect(launchedByMpi()).toBe(family);
    } finally {
      process.env = before;
    }
  });

  it('strips what a launcher left in the environment, and keeps the user’s own settings', () => {
    const environment = {
      OMPI_COMM_WORLD_RANK: '1',
      PMIX_RANK: '1',
      PATH: '/bin',
      OMPI_MCA_btl: 'self,tcp',
      OMPI_MCA_orte_ess: 'x',
    };
    expect(withoutMpiEnvironment(environment)).toEqual({ PATH: '/bin', OMPI_MCA_btl: 'self,tcp' });
  });

  it('has the error class to catch', () => {
    expect(MpiUnavailableError.prototype).toBeInstanceOf(Error);
  });
});

it('has a report of the build beside the libraries', () => {
  const report = join(packageDirectory, 'build', 'report.json');
  expect(existsSync(report)).toBe(true);
  expect(JSON.parse(readFileSync(report, 'utf8'))).toHaveProperty('built');
});
