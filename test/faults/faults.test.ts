import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { mpiStatus } from '#mpi-node';
import { faults, type StudyReport, studyWithFault, writeStudy } from '../support/faulty-study.ts';
import { present } from '../support/required.ts';

const hasMpi = present(
  'mpi',
  mpiStatus().available && spawnSync('mpirun', ['--version']).status === 0,
  'no MPI (Debian: apt-get install openmpi-bin libopenmpi-dev, then node packages/install.mjs)',
);
const launcher = { kind: 'mpi', heartbeatSeconds: 4 };

describe.skipIf(!hasMpi)('a study whose training is disturbed', { timeout: 180_000 }, () => {
  let calm: StudyReport;
  beforeAll(async () => {
    calm = await studyWithFault(writeStudy(launcher), null);
    expect(calm.finished, calm.output).toBe(1);
  }, 120_000);

  it.each(faults)('ends with the weights of the undisturbed one, nothing lost, nothing twice: %s', async (kind) => {
    const project = writeStudy(launcher);
    const report = await studyWithFault(project, { kind, afterMs: 300 });
    expect(report, report.output).toMatchObject({ weights: calm.weights, finished: 1, exitCode: calm.exitCode });
    // Another engine finds the ranks of the first one and goes on with them.
    expect(report.attempts, report.output).toBe(kind === 'engine killed' ? 1 : 2);
    // So early a rank has no heartbeat yet that could be missed; the others' would say so four times as late.
    if (kind === 'rank stopped') expect(report.noticedSeconds).toBeLessThan(2.5 * launcher.heartbeatSeconds);
    rmSync(project, { recursive: true, force: true });
  });
});
