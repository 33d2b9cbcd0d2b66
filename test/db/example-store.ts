import { openStore, type Store } from '../../db/index.ts';
import type { Setting } from '../../src/domain/setting.ts';

export const setting: Setting = {
  initialLr: 0.5,
  decayCoefficient: 3,
  warmupEpochs: 5,
  decayEpochs: 15,
  optimizer: 'sgd',
};

/** A store in memory (or at `path`) with one study "example". */
export function exampleStore(path = ':memory:'): Store {
  const store = openStore({ path });
  store.insertStudy({
    id: 'example',
    name: 'example',
    config: { name: 'example', workers: 4 },
    configHash: 'c',
    guidelineHash: 'g',
    directory: '/project',
    workers: 4,
    epochs: 40,
    simulated: false,
    versions: { node: 'v20' },
    createdMs: 1000,
  });
  return store;
}

export function addRun(store: Store, key: string, iteration: number | null = null): string {
  const id = `example.${key}`;
  store.insertRun({
    id,
    studyId: 'example',
    key,
    kind: iteration === null ? 'baseline' : 'iteration',
    iteration,
    repeat: 1,
    workers: iteration === null ? 1 : 4,
    seed: 7,
    setting,
    origin: 'trained',
    simulated: false,
    createdMs: 1000,
  });
  return id;
}
