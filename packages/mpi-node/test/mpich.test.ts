import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withoutMpiEnvironment } from 'mpi-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const packageDirectory = fileURLToPath(new URL('..', import.meta.url));
const hasMpich = ['mpicc.mpich', 'mpirun.mpich'].every((name) => spawnSync(name, ['--version']).status === 0);

// Where Open MPI is the default, MPICH's programs have the suffix .mpich (Debian: apt-get install mpich libmpich-dev).
describe.skipIf(!hasMpich)('built for MPICH', { timeout: 150_000 }, () => {
  let copy = '';

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'mpi-node-mpich-'));
    for (const name of ['index.js', 'lib', 'native', 'install', 'package.json', 'test/programs']) {
      cpSync(join(packageDirectory, name), join(copy, name), { recursive: true });
    }
    const env = { ...process.env, MPICC: 'mpicc.mpich' };
    const { status, stdout } = spawnSync(process.execPath, ['install/build.js'], { cwd: copy, env, encoding: 'utf8' });
    expect(status, stdout).toBe(0);
    expect(stdout).toMatch(/built for MPICH/);
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  // A program inside the copy finds the copy under the package's own name.
  function ranksOf(count: number, program: string, environment: Record<string, string> = {}) {
    const command = ['-n', String(count), process.execPath, join(copy, 'test', 'programs', program)];
    const env = { ...withoutMpiEnvironment(), ...environment };
    return spawnSync('mpirun.mpich', command, { env, encoding: 'utf8', timeout: 140_000 });
  }

  it.each([1, 2, 5])('makes every call with the right numbers on %i ranks', (count) => {
    const { status, stdout, stderr } = ranksOf(count, 'collectives.js', { RANKS: String(count) });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout.match(/ok/g)).toHaveLength(count);
  });

  // Otherwise every fifth job of twelve ranks died (SIGSEGV in malloc, at MPI_Init).
  it.each([
    ['', 'n'],
    ['y', 'y'],
  ])('keeps UCX from moving the heap while MPI starts; asked for "%s": %s', (asked, used) => {
    const program = `await (await import('${join(copy, 'index.js')}')).initialize(); console.log(process.env.UCX_MEM_EVENTS)`;
    const { UCX_MEM_EVENTS, ...env } = withoutMpiEnvironment();
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...env, MPI_NODE_FAMILY: 'mpich', ...(asked === '' ? {} : { UCX_MEM_EVENTS: asked }) },
      encoding: 'utf8',
    });
    expect(stdout.trim()).toBe(used);
  });

  it('refuses a job of another size', () => {
    const { status, stderr } = ranksOf(2, 'collectives.js', { RANKS: '3' });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/expected 3 ranks, this process sees 2/);
  });

  it('turns wrong arguments into errors and lives on', () => {
    const { status, stdout } = ranksOf(2, 'wrong-arguments.js');
    expect(status).toBe(0);
    expect(stdout.match(/lives/g)).toHaveLength(2);
  });
});
