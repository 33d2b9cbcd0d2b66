// Hits a torchrun training at random moments (`npx tsx test/faults/torchrun-faults.ts COUNT [SEED [LAUNCHER…]]`; the same
// count and seed hit alike), under local, mpi, a real Slurm and a real Grid Engine in turn: no process may be left, no
// epoch lost or trained twice, no two attempts beside each other, and the weights are those of an undisturbed study.
import { rmSync } from 'node:fs';
import { seededRandom } from '../../src/trainer/random.ts';
import { hasGridEngine, startGridEngine } from '../support/grid-engine.ts';
import { hasSlurm, startSlurm } from '../support/slurm.ts';
import {
  problemsOf,
  type TorchrunFault,
  torchPython,
  torchrunFaults,
  torchrunStudy,
  writeTorchrunStudy,
} from '../support/torchrun-study.ts';

const liveness = { heartbeatSeconds: 15 };
const launchers: Record<string, Record<string, unknown>> = {
  local: { kind: 'local', ...liveness },
  mpi: { kind: 'mpi', ...liveness },
  slurm: { kind: 'slurm', pollSeconds: 0.5, ...liveness },
  gridEngine: {
    ...{ kind: 'scheduler', preset: 'gridEngine', values: { parallelEnvironment: 'smp' }, pollSeconds: 0.5 },
    ...liveness,
  },
};

const [count = '100', seed = '1', ...asked] = process.argv.slice(2);
const chosen = Object.keys(launchers).filter((name) => asked.length === 0 || asked.includes(name));
if (torchPython === null) throw new Error('no Python with PyTorch; name one in TORCH_PYTHON');
const python = torchPython;
const clusters = [
  ...(chosen.includes('slurm') && hasSlurm() ? [startSlurm()] : []),
  ...(chosen.includes('gridEngine') && hasGridEngine() ? [startGridEngine()] : []),
];
const random = seededRandom(Number(seed), 'torchrun-faults');
const pick = (n: number) => Math.floor(random() * n);
let bad = 0;

try {
  const calm = await torchrunStudy(writeTorchrunStudy(launchers.local ?? {}, python), null);
  console.log(JSON.stringify({ undisturbed: calm.weights, exitCode: calm.exitCode, seconds: calm.seconds }));
  if (problemsOf(calm, calm).length > 0) throw new Error(calm.output);
  const kinds = Object.keys(torchrunFaults) as TorchrunFault[];
  for (let index = 0; index < Number(count); index++) {
    const launcher = chosen[index % chosen.length] ?? 'local';
    // A fault that comes after the end is none; the training itself takes more than three seconds.
    const fault = { kind: kinds[pick(kinds.length)] ?? 'worker killed', afterMs: pick(1500), pick };
    const project = writeTorchrunStudy(launchers[launcher] ?? {}, python);
    const said = { index, launcher, fault: fault.kind, afterMs: fault.afterMs };
    try {
      const report = await torchrunStudy(project, fault);
      const problems = problemsOf(report, calm);
      const { attempts, seconds } = report;
      console.log(JSON.stringify({ ...said, attempts, seconds: Math.round(seconds), problems }));
      if (problems.length === 0) rmSync(project, { recursive: true, force: true });
      else {
        bad += 1;
        console.log(project, report.output);
      }
    } catch (thrown) {
      if (!(thrown instanceof Error && thrown.message.includes('over before'))) throw thrown;
      console.log(JSON.stringify({ ...said, missed: thrown.message }));
    }
  }
  console.log(JSON.stringify({ faults: Number(count), seed: Number(seed), bad }));
} finally {
  for (const cluster of clusters) cluster.stop();
}
process.exitCode = bad === 0 ? 0 : 1;
