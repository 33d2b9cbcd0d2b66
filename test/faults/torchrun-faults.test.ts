import { rmSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { present } from '../support/required.ts';
import {
  problemsOf,
  type TorchrunFault,
  type TorchrunReport,
  torchPython,
  torchrunStudy,
  writeTorchrunStudy,
} from '../support/torchrun-study.ts';

const python = torchPython ?? '';
const hasTorch = present(
  'torch',
  torchPython !== null,
  'no Python with PyTorch (Debian: apt-get install python3-torch)',
);
const launcher = { kind: 'local', heartbeatSeconds: 10 };

// More of them, under every launcher: torchrun-faults.ts.
describe.skipIf(!hasTorch)('a torchrun training that is disturbed', { timeout: 300_000 }, () => {
  let calm: TorchrunReport;
  beforeAll(async () => {
    calm = await torchrunStudy(writeTorchrunStudy(launcher, python), null);
    expect(problemsOf(calm, calm), calm.output).toEqual([]);
  }, 300_000);

  it.each<TorchrunFault>(['worker killed', 'torchrun killed', 'engine interrupted'])(
    'ends with the weights of the undisturbed one, nothing lost, nothing twice, nobody left: %s',
    async (kind) => {
      const project = writeTorchrunStudy(launcher, python);
      const report = await torchrunStudy(project, { kind, afterMs: 500, pick: () => 0 });
      expect(problemsOf(report, calm), report.output).toEqual([]);
      rmSync(project, { recursive: true, force: true });
    },
  );
});
