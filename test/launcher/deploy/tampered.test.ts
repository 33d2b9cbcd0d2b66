import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { engineProcesses, isEpoch, readStore } from '../../support/engine-process.ts';
import { folderOf, idOf } from '../../support/stored-run.ts';

const { engine, killAll } = engineProcesses();
afterEach(killAll);

const crossEntropy = `import { defineLoss } from 'grescale-autopilot/components';
export default defineLoss({ loss: ({ tf, scores, labels }) => tf.losses.softmaxCrossEntropy(labels, scores) });`;

/** A study whose second run starts after the first one has trained, with a loss of its own. */
function project(): { folder: string; loss: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tampered-'));
  const loss = join(folder, 'loss.mjs');
  writeFileSync(loss, crossEntropy);
  writeFileSync(
    join(folder, 'study.yaml'),
    `name: tampered
workers: 2
epochs: 3
data: { kind: phantom, size: 8, trainSlices: 128, testSlices: 4 }
decision: { rule: thesis }
model: { architecture: fcn, channels: 4, groups: 2 }
setting: { initialLr: 0.5, warmupEpochs: 1 }
components: { loss: { module: loss.mjs } }
budget: { iterations: 1 }
concurrentRuns: 1
attempts: 2
compute: { threads: 1 }
`,
  );
  return { folder, loss };
}

const what = (folder: string) =>
  readStore(folder, (store) => ({
    outcome: store.study('tampered')?.outcome,
    runs: store.runsOf('tampered').map(({ key, state, reason }) => ({ key, state, reason })),
    epochs: store.epochsOf(idOf(store, 'tampered.baseline-1')).length,
    recorded: store.eventsOf('tampered', { types: ['program.recorded'] }).length,
  }));

describe('a module that is changed while its study runs', { timeout: 300_000 }, () => {
  it('ends the next run by its name; nothing stored is lost, and with the file put back the study goes on', async () => {
    const { folder, loss } = project();
    const tampered = await engine(folder, ['run', folder], (event) => {
      if (isEpoch('baseline-1', 1)(event)) appendFileSync(loss, '// changed\n');
    });
    const after = what(folder);
    expect(after.runs).toEqual([
      { key: 'baseline-1', state: 'finished', reason: null },
      {
        key: 'iteration-0',
        state: 'failed',
        reason: expect.stringContaining(
          `${loss} (module) is not the file that the study was launched with, so nothing is trained here. Put the file back`,
        ),
      },
    ]);
    expect(after.epochs).toBe(3);
    expect(tampered.code).not.toBe(0);

    const refused = await engine(folder, ['resume', 'tampered']);
    expect(refused.code).toBe(1);
    expect(JSON.stringify(refused.events)).toContain('was started with different files:');
    expect(JSON.stringify(refused.events)).toContain(loss);
    expect(what(folder)).toEqual(after);

    writeFileSync(loss, crossEntropy);
    await engine(folder, ['resume', 'tampered']);
    const healed = what(folder);
    expect(healed.runs.map(({ key, state }) => [key, state])).toContainEqual(['iteration-0', 'finished']);
    expect(healed).toMatchObject({ epochs: 3, recorded: 1 });
    const manifest = join(folderOf(folder, 'tampered.baseline-1'), 'deploy.json');
    expect(existsSync(manifest)).toBe(true);
    expect(readFileSync(manifest, 'utf8')).toContain(loss);
  });
});
