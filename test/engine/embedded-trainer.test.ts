import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { studyHistory } from '../../src/report/history/history.ts';
import { withParts } from '../../src/report/parts.ts';
import { engineProcesses, isEpoch, killWhen, readStore, type Watcher } from '../support/engine-process.ts';
import { idOf } from '../support/stored-run.ts';
import { weightsOf } from '../support/tiny-run.ts';
import { findings, temporaryProject } from './example-study.ts';

const { engine, killAll } = engineProcesses();
afterEach(killAll);

/** A tiny network on phantoms: seconds for a whole study of real trainings. */
const yaml = `
name: tiny
trainer: { kind: embedded }
model: { architecture: fcn, channels: 4, normalization: group, groups: 2 }
data: { kind: phantom, size: 16, trainSlices: 48, testSlices: 4 }
workers: 4
epochs: 4
setting: { initialLr: 0.2, warmupEpochs: 1 }
decision: { rule: thesis, tolerance: 0 }
budget: { iterations: 1 }
checkpoints: { everyEpochs: 1 }
concurrentRuns: 1
compute: { threads: 1 }
`;

function project(): string {
  const folder = temporaryProject();
  writeFileSync(join(folder, 'study.yaml'), yaml);
  return folder;
}

/** What a study found, and the hash of every run's final weights as reported and as written. */
function whatCameOf(folder: string) {
  return readStore(folder, (store) => ({
    found: findings(store, 'tiny'),
    weights: store.runsOf('tiny').map(({ id, key }) => {
      const directory = join(folder, 'runs', id);
      const file = createHash('sha256')
        .update(readFileSync(join(directory, 'weights.bin')))
        .digest('hex');
      return { key, reported: weightsOf(directory), file };
    }),
  }));
}

function attemptsOf(folder: string, run: string) {
  return readStore(folder, (store) =>
    store
      .attemptsOf(idOf(store, `tiny.${run}`))
      .map(({ exitReason, resumeFrom }) => ({ exitReason, resumed: resumeFrom !== null })),
  );
}

async function interrupted(watch: Watcher) {
  const folder = project();
  const first = await engine(folder, ['run', folder], watch);
  await engine(folder, ['resume', 'tiny']);
  return { folder, first };
}

describe('a study of the embedded trainer, run by a real engine process', () => {
  it('ends with the same weights, to the bit, when its engine is killed or stopped on the way', {
    timeout: 180_000,
  }, async () => {
    const undisturbed = project();
    const { events } = await engine(undisturbed, ['run', undisturbed]);
    expect(events.at(-1)).toMatchObject({ type: 'study.ended' });
    const expected = whatCameOf(undisturbed);
    expect(expected.weights.map(({ reported }) => reported)).toEqual(
      expected.weights.map(() => expect.stringMatching(/^[0-9a-f]{64}$/)),
    );
    expect(new Set(expected.weights.map(({ reported }) => reported)).size).toBe(expected.weights.length);

    const killed = await interrupted(killWhen(isEpoch('iteration-0', 2)));
    expect(killed.first.signal).toBe('SIGKILL');
    expect(whatCameOf(killed.folder)).toEqual(expected);

    const stopped = await interrupted(killWhen(isEpoch('baseline-1', 2), 'SIGINT'));
    expect(stopped.first.code).toBe(130);
    expect(attemptsOf(stopped.folder, 'baseline-1')).toEqual([
      { exitReason: 'stopped', resumed: false },
      { exitReason: 'finished', resumed: true },
    ]);
    expect(whatCameOf(stopped.folder)).toEqual(expected);
  });

  it('chooses on the validation part, confirms on the test part, and trains the baseline as long, through kill -9 and nothing twice', {
    timeout: 180_000,
  }, async () => {
    const folder = temporaryProject();
    const longer = 'workers: 2\nepochs: 4\nstart: { epochs: 6 }\nbaseline: { seeds: 2, extend: check }';
    const study = yaml
      .replace('testSlices: 4', 'validationSlices: 6, testSlices: 4')
      .replace('workers: 4\nepochs: 4', longer)
      .replace('tolerance: 0', 'tolerance: 0.3')
      .replace('iterations: 1', 'iterations: 2');
    writeFileSync(join(folder, 'study.yaml'), study);
    const killed = await engine(folder, ['run', folder], killWhen(isEpoch('extended-baseline-1', 3)));
    expect(killed.signal).toBe('SIGKILL');
    await engine(folder, ['resume', 'tiny']);
    // A training outlives its engine, and the next one follows it.
    const keys = readStore(folder, (store) => store.runsOf('tiny').map(({ key }) => key));
    const trained = (key: string) => attemptsOf(folder, key).filter(({ exitReason }) => exitReason === 'finished');
    expect(keys.map((key) => [key, trained(key).length])).toEqual([
      ['baseline-1', 1],
      ['baseline-2', 1],
      ['iteration-0', 1],
      ['validation-1-1', 1],
      ['extended-baseline-1', 1],
      ['extended-baseline-2', 1],
    ]);
    readStore(folder, (store) => {
      const study = store.study('tiny')!;
      const history = studyHistory(store, study);
      expect(study.outcome).toBe('noLoss');
      expect(history.extendedBaseline).toMatchObject({ epochs: 6, runs: 2, state: 'noLoss' });
      const { baseline, iterations } = withParts(store, study, history);
      const splits = (row: typeof baseline) => row?.parts.map(({ split, shown }) => [split, shown]);
      expect(splits(baseline)).toEqual([
        ['validation', true],
        ['test', false],
      ]);
      expect(splits(iterations[0]!)).toEqual([['validation', true]]);
      expect(splits(iterations.find(({ action }) => action === 'validate')!)).toEqual(splits(baseline));
      expect(baseline?.parts.map(({ classes }) => Object.keys(classes))).toEqual([['atrium'], ['atrium']]);
    });
  });
});
