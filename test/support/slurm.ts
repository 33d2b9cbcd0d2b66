import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from './free-ports.ts';
import { present } from './required.ts';

const scripts = fileURLToPath(new URL('../slurm/', import.meta.url));

/** Whether a Slurm of our own can be started here: its programs are installed and we are root. */
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

/** Whether that Slurm can also keep accounts. */
export function hasAccounting(): boolean {
  const missing = ['slurmdbd', 'mariadbd', 'mariadb-install-db', 'my_print_defaults'].filter(
    (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
  );
  const names = missing.join(', ');
  return present(
    'accounting',
    names === '',
    `${names} not installed (Debian: apt-get install slurmdbd mariadb-server-core mariadb-client-core)`,
  );
}

export interface TestSlurm {
  stop(): void;
  /** Ends the controller, as an outage would; jobs keep running. */
  controllerDown(): void;
  /** `forgetful`: without any memory of its jobs. */
  controllerUp(options?: { forgetful?: boolean }): void;
}

/**
 * A running Slurm with four nodes; this process's `sbatch` and friends talk to it. `own`: a folder in whose place node
 * c1 sees `<own>-c1`, and so on. `accounting`: it keeps accounts, and forgets ended jobs early.
 */
export function startSlurm({ own = '', accounting = false }: { own?: string; accounting?: boolean } = {}): TestSlurm {
  const directory = mkdtempSync(join(tmpdir(), 'slurm-'));
  const down = () => {
    spawnSync(join(scripts, 'down.sh'), [directory]);
    rmSync(directory, { recursive: true, force: true });
  };
  const up = spawnSync(join(scripts, 'up.sh'), [directory], {
    env: {
      ...process.env,
      SLURM_TEST_PORT: String(freePorts([0, 1, 194, 195, 196, 197])),
      SLURM_TEST_OWN: own,
      SLURM_TEST_ACCOUNTING: accounting ? 'yes' : 'no',
    },
    encoding: 'utf8',
  });
  if (up.status !== 0) {
    down();
    throw new Error(`Slurm did not start: ${up.stdout}${up.stderr}`);
  }
  const configuration = join(directory, 'slurm.conf');
  process.env.SLURM_CONF = configuration;
  return {
    stop: down,
    controllerDown() {
      const pid = Number(readFileSync(join(directory, 'slurmctld.pid'), 'utf8'));
      spawnSync('sh', ['-c', `kill ${pid}; while kill -0 ${pid}; do sleep 0.1; done`]);
    },
    controllerUp({ forgetful = false } = {}) {
      spawnSync('slurmctld', [...(forgetful ? ['-c'] : []), '-f', configuration]);
    },
  };
}

/** Runs a Slurm command and returns what it printed. */
export function slurm(...command: string[]): string {
  return spawnSync(command[0] ?? '', command.slice(1), { encoding: 'utf8' }).stdout.trim();
}
