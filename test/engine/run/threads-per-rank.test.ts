import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { launcherConfig } from '../../../src/config/sections/launcher.ts';
import { threadsPerRank } from '../../../src/engine/run/threads-per-rank.ts';

function hostfile(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'hosts-')), 'hosts');
  writeFileSync(path, text);
  return path;
}

const twoHosts = hostfile('# two of them\nnode1 slots=4\nnode2 slots = 2 # smaller\n');

describe('compute threads of a process, where the study names none', () => {
  it.each([
    ['local: one process plays all workers', { kind: 'local' }, 8, 1, 16],
    ['local: runs share the cores', { kind: 'local' }, 8, 4, 4],
    ['mpi: ranks share this host', { kind: 'mpi' }, 8, 1, 2],
    ['mpi: so do the ranks of concurrent runs', { kind: 'mpi' }, 4, 2, 2],
    ['mpi: a baseline of one rank has them all', { kind: 'mpi' }, 1, 1, 16],
    ['mpi: never none', { kind: 'mpi' }, 64, 1, 1],
    ['mpi: no more ranks on a host than told', { kind: 'mpi', ranksPerHost: 2 }, 8, 1, 8],
    ['mpi: fewer ranks than a host may have', { kind: 'mpi', ranksPerHost: 16 }, 4, 1, 4],
    ['mpi: no more ranks on a host than the most slots', { kind: 'mpi', hostfile: twoHosts }, 6, 1, 4],
    ['mpi: hosts without slots may get every rank', { kind: 'mpi', hostfile: hostfile('node1\nnode2\n') }, 4, 1, 4],
    ['slurm: what a rank was given', { kind: 'slurm', cpusPerRank: 3 }, 8, 2, 3],
  ])('%s', (_, launcher, workers, concurrentRuns, threads) => {
    expect(threadsPerRank({ launcher: launcherConfig.parse(launcher), workers, concurrentRuns, cores: 16 })).toBe(
      threads,
    );
  });
});
