import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from './free-ports.ts';
import { present } from './required.ts';

const scripts = fileURLToPath(new URL('../gridengine/', import.meta.url));

/** Whether a Grid Engine of our own can be started here: its programs are installed and we are root. */
export function hasGridEngine(): boolean {
  const missing = ['sge_qmaster', 'sge_execd', 'qsub', 'qconf'].filter(
    (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
  );
  if (missing.length > 0) {
    const fix = 'Debian: apt-get install gridengine-master gridengine-exec gridengine-client';
    return present('gridengine', false, `${missing.join(', ')} not installed (${fix})`);
  }
  return present('gridengine', process.getuid?.() === 0, 'starting its daemons takes root');
}

export interface TestGridEngine {
  stop(): void;
  /** Ends the master, as an outage would; jobs keep running. */
  masterDown(): void;
  masterUp(): void;
}

/** A running Grid Engine of one host with eight slots; this process's `qsub` and friends talk to it. */
export function startGridEngine(): TestGridEngine {
  const directory = mkdtempSync(join(tmpdir(), 'gridengine-'));
  const port = freePorts([0, 1]);
  const script = (name: string) =>
    spawnSync(join(scripts, name), [directory], {
      env: { ...process.env, GRID_TEST_PORT: String(port) },
      encoding: 'utf8',
    });
  const down = () => {
    script('down.sh');
    rmSync(directory, { recursive: true, force: true });
  };
  const up = script('up.sh');
  if (up.status !== 0) {
    down();
    throw new Error(`Grid Engine did not start: ${up.stdout}${up.stderr}`);
  }
  Object.assign(process.env, {
    // The real programs: Debian's `qstat` wrapper determines the machine's type twice per call, with a C compiler.
    PATH: `/usr/lib/gridengine:${process.env.PATH}`,
    ...{ SGE_ROOT: join(directory, 'root'), SGE_CELL: 'test' },
    ...{ SGE_QMASTER_PORT: String(port), SGE_EXECD_PORT: String(port + 1) },
  });
  return {
    stop: down,
    masterDown() {
      const file = join(directory, 'spool/qmaster/qmaster.pid');
      spawnSync('sh', ['-c', `pid=$(cat "$1"); kill $pid; while kill -0 $pid; do sleep 0.1; done`, 'sh', file]);
    },
    masterUp() {
      spawnSync('sge_qmaster');
    },
  };
}

/** Runs a Grid Engine command and returns what it printed. */
export function gridEngine(...command: string[]): string {
  return spawnSync(command[0] ?? '', command.slice(1), { encoding: 'utf8' }).stdout.trim();
}
