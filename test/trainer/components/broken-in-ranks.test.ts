import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mpiStatus } from '#mpi-node';
import { engineProcesses, isEpoch, readStore } from '../../support/engine-process.ts';
import { present } from '../../support/required.ts';
import { hasSlurm, startSlurm, type TestSlurm } from '../../support/slurm.ts';
import { idOf } from '../../support/stored-run.ts';

const hasMpi = present('mpi', mpiStatus().available && spawnSync('mpirun', ['--version']).status === 0, 'no MPI');
const { engine, killAll } = engineProcesses();
// Not after each: others run meanwhile.
afterAll(killAll);

/** What a module does on a node once it is broken there: the engine's own host, where it is checked, sees nothing of it. */
const breakages = {
  throws: {
    top: "throw new Error('no license on this node');",
    says: /cannot be loaded: no license on this node.*Correct/,
  },
  waits: {
    top: 'setInterval(() => {}, 1000); await new Promise(() => {});',
    says: /did not finish loading within \d+ s; move what it waits for/,
  },
  loops: { top: 'for (;;);', says: /did not finish loading within \d+ s; move what it waits for/ },
  exportsNothing: { exports: 'undefined', says: /it has no default export; end it with "export default defineLoss/ },
  givesNoScalar: { loss: 'scores', says: /loss must return a scalar tensor, but it returns a tensor.*take the mean/ },
};
type Breakage = keyof typeof breakages;

/** A study whose loss breaks in the ranks of whatever starts while its folder's file `broken` is there. */
function breakable(breakage: Breakage, launcher: string): { folder: string; loss: string; flag: string } {
  const folder = mkdtempSync(join(tmpdir(), 'breakable-'));
  const [loss, flag] = [join(folder, 'loss.mjs'), join(folder, 'broken')];
  const its: { top?: string; exports?: string; loss?: string } = breakages[breakage];
  writeFileSync(
    loss,
    `import { existsSync } from 'node:fs';
import { defineLoss } from 'grescale-autopilot/components';
const broken = process.env.AUTOPILOT_RUN !== undefined && existsSync(${JSON.stringify(flag)});
if (broken) { ${its.top ?? ''} }
const good = ({ tf, scores, labels }) => tf.losses.softmaxCrossEntropy(labels, scores);
const definition = defineLoss({ loss: (context) => { const { scores } = context; return broken ? ${its.loss ?? 'good(context)'} : good(context); } });
export default broken ? ${its.exports ?? 'definition'} : definition;
`,
  );
  writeFileSync(
    join(folder, 'study.yaml'),
    `name: breakable
workers: 2
epochs: 2
launcher: ${launcher}
data: { kind: phantom, size: 8, trainSlices: 64, testSlices: 4 }
model: { architecture: fcn, channels: 4, groups: 2 }
setting: { initialLr: 0.05, warmupEpochs: 1, decayEpochs: 1, optimizer: adam }
components: { loss: { module: loss.mjs } }
decision: { rule: thesis }
budget: { iterations: 1 }
concurrentRuns: 1
attempts: 1
compute: { threads: 1 }
`,
  );
  return { folder, loss, flag };
}

const stored = (folder: string) =>
  readStore(folder, (store) => ({
    runs: Object.fromEntries(store.runsOf('breakable').map(({ key, state }) => [key, state])),
    reason: store.runsOf('breakable').find(({ key }) => key === 'iteration-0')?.reason ?? '',
    baseline: store.epochsOf(idOf(store, 'breakable.baseline-1')),
  }));

/** Breaks the module once the baseline trains with it, looks at what is reported and stored, and mends it. */
async function breakAndMend(breakage: Breakage, launcher: string): Promise<void> {
  const { folder, loss, flag } = breakable(breakage, launcher);
  const broken = await engine(folder, ['run', folder], (event) => {
    if (isEpoch('baseline-1', 1)(event)) writeFileSync(flag, '');
  });
  expect(broken.code, JSON.stringify(broken.events.at(-1))).not.toBe(0);
  const after = stored(folder);
  expect(after.runs).toEqual({ 'baseline-1': 'finished', 'iteration-0': 'failed' });
  expect(after.reason).toContain(`components.loss (${loss})`);
  expect(after.reason).toMatch(breakages[breakage].says);
  expect(after.baseline).toHaveLength(2);

  rmSync(flag);
  await engine(folder, ['resume', 'breakable']);
  const mended = stored(folder);
  expect(mended.runs).toMatchObject({ 'baseline-1': 'finished', 'iteration-0': 'finished' });
  expect(mended.baseline).toEqual(after.baseline);
}

const kinds = Object.keys(breakages) as Breakage[];
// What breaks is the same worker's under every launcher; how its end or its silence gets back to the engine is not.
const underMpirun: Breakage[] = ['throws', 'loops'];
const underSlurm: Breakage[] = ['waits', 'givesNoScalar'];
const timeout = 240_000;

describe('a module that breaks on the nodes only is named, and what was stored stays, with local workers', () => {
  it.concurrent.each(kinds)('when it %s', { timeout }, (breakage) => breakAndMend(breakage, '{ kind: local }'));
});

describe.skipIf(!hasMpi)(
  'a module that breaks on the nodes only is named, and what was stored stays, under mpirun',
  () => {
    it.concurrent.each(underMpirun)('when it %s', { timeout }, (breakage) => breakAndMend(breakage, '{ kind: mpi }'));
  },
);

describe.skipIf(!hasSlurm())(
  'a module that breaks on the nodes only is named, and what was stored stays, under Slurm',
  () => {
    let cluster: TestSlurm;
    beforeAll(() => {
      cluster = startSlurm();
    }, 60_000);
    afterAll(() => cluster?.stop());

    it.concurrent.each(underSlurm)('when it %s', { timeout }, (breakage) =>
      breakAndMend(breakage, '{ kind: slurm, pollSeconds: 0.3 }'),
    );
  },
);

describe('a module that is broken where the study starts', () => {
  it('is named, and nothing is stored or started', async () => {
    const { folder, loss } = breakable('throws', '{ kind: mpi }');
    writeFileSync(loss, "throw new Error('no such table');");
    const refused = await engine(folder, ['run', folder]);
    expect(refused.code).toBe(1);
    expect(JSON.stringify(refused.events)).toContain(`components.loss (${loss}) cannot be loaded: no such table`);
    expect(readStore(folder, (store) => store.study('breakable'))).toBeUndefined();
    expect(existsSync(join(folder, 'runs'))).toBe(false);
  });
});
