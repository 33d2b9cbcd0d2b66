import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { localLauncher } from '../../../src/launcher/local/launcher.ts';
import { runDirectoryFiles } from '../../../src/protocol/run-directory.ts';
import { eventsOf, tinyRun, weightsOf } from '../../support/tiny-run.ts';
import { goodModules, type Kind, moduleFile, placeOf } from './modules.ts';

async function trainWith(components: object, spec: object = {}) {
  const job = tinyRun({ workers: 2, epochs: 2 });
  const file = runDirectoryFiles(job.runDirectory).spec;
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), components, ...spec }));
  const { exited } = await localLauncher().start(job);
  return { report: await exited, directory: job.runDirectory, events: eventsOf(job.runDirectory) };
}

describe('a module of the user’s own', () => {
  it.each(Object.keys(goodModules) as Kind[])('takes the place of the %s under the local launcher', async (kind) => {
    const file = moduleFile(goodModules[kind]);
    const setting = { initialLr: 0.02, decayCoefficient: 3, warmupEpochs: 1, decayEpochs: 1, optimizer: 'custom' };
    const { directory, events } = await trainWith(placeOf[kind](file), kind === 'optimizer' ? { setting } : {});
    const weights = weightsOf(directory);
    expect(weights).toMatch(/^[0-9a-f]{64}$/);
    const plain = kind === 'metric' || kind === 'callback' || kind === 'strategy';
    expect(weights === (await plainWeights)).toBe(plain);
    if (kind === 'metric') {
      expect(events.find(({ type }) => type === 'evaluation')?.metrics?.exactImages).toBeGreaterThanOrEqual(0);
    }
    if (kind === 'callback') {
      const notes = readFileSync(join(directory, 'notes.txt'), 'utf8').trim().split('\n');
      expect(notes).toEqual([
        'start iteration-0',
        'epoch 1',
        'checkpoint 24',
        'epoch 2',
        'checkpoint 48',
        'end finished',
      ]);
    }
  });

  it('may be TypeScript', async () => {
    const file = moduleFile(goodModules.loss.replace('({ loss:', '<never>({ loss:').replace('<never>', ''), 'part.ts');
    const { directory } = await trainWith({ loss: { module: file } });
    expect(weightsOf(directory)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('that fails while training ends the run in its own name', async () => {
    const text = goodModules.callback.replace("note('epoch ' + epoch, run)", "{ throw new Error('disk on fire') }");
    const file = moduleFile(text);
    const { report, events } = await trainWith({ callbacks: [{ module: file }] });
    expect(report).toEqual({ state: 'exited', code: 1 });
    expect(events.at(-1)?.reason).toContain(`components.callbacks[0] (${file}): onEpoch threw: disk on fire`);
  });
});

const plainWeights = trainWith({}).then(({ directory }) => weightsOf(directory));
