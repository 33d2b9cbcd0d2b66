import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { present } from './required.ts';

const scripts = fileURLToPath(new URL('../slurm/', import.meta.url));

/** Whether a Slurm of our own can be started here: its programs are installed, and we are root. */
export function hasSlurm(): boolean {
  const missing = ['slurmctld', 'slurmd', 'munged', 'sbatch', 'unshare'].filter(
    (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
  );
  if (missing.length > 0)
    return present(
      'slurm',
      false,
      `${missing.join(', ')} not installed (Debian: apt-get install slurmctld slurmd slurm-client munge)`,
    );
  const namespaces = spawnSync('unshare', ['-um', 'true']).status === 0;
  return present(
    'slurm',
    process.getuid?.() === 0 && namespaces,
    'starting its daemons takes root and the right to unshare',
  );
}

/** A running Slurm of four nodes; this process's `sbatch` and friends talk to it. */
export function startSlurm(port: number): { stop(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'slurm-'));
  const up = spawnSync(join(scripts, 'up.sh'), [directory], {
    env: { ...process.env, SLURM_TEST_PORT: String(port) },
    encoding: 'utf8',
  });
  if (up.status !== 0) throw new Error(`Slurm did not start: ${up.stdout}${up.stderr}`);
  process.env.SLURM_CONF = join(directory, 'slurm.conf');
  return {
    stop() {
      spawnSync(join(scripts, 'down.sh'), [directory]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A command of Slurm's, and what it printed. */
export function slurm(...command: string[]): string {
  return spawnSync(command[0] ?? '', command.slice(1), { encoding: 'utf8' }).stdout.trim();
}
