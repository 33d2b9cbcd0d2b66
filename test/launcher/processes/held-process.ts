import { join } from 'node:path';
import { expect } from 'vitest';
import type { Job, Launcher } from '../../../src/launcher/launcher.ts';
import { mpirunAmong, ranksAmong } from '../../../src/launcher/mpi/processes.ts';
import { processesOf, signalAll } from '../../../src/launcher/processes/attempt-processes.ts';
import { appears } from '../launcher-contract.ts';

/** A signal holds a rank or mpirun before any heartbeat: a launcher with `heartbeatSeconds: 2` ends the job, in the name that `named` matches. */
export async function expectHeldProcessNoticed(
  launcher: Launcher,
  { job, who, named }: { job: Job; who: string; named: string },
): Promise<void> {
  const launched = await launcher.start(job);
  await appears(join(job.runDirectory, 'ready'));
  const processes = processesOf(job.attempt);
  const held = who === 'mpirun' ? mpirunAmong(processes)! : ranksAmong(processes).at(-1)!;
  signalAll([held], 'SIGSTOP');
  expect(await launched.exited).toEqual({
    state: 'workersLost',
    message: expect.stringMatching(`^${named} \\(pid ${held.pid}\\) did not run for 2 s`),
  });
  expect(processesOf(job.attempt)).toEqual([]);
}
