import { describe, expect, it } from 'vitest';
import { addRun, exampleStore, setting } from './example-store.ts';

/** Every list in the order its reader counts on, whatever the order of writing. */
describe('the store lists', () => {
  it('iterations by number', () => {
    const store = exampleStore();
    for (const number of [2, 0, 1]) {
      store.insertIteration({
        studyId: 'example',
        number,
        action: 'applyDefaults',
        parent: null,
        setting,
        createdMs: 1,
      });
    }
    expect(store.iterationsOf('example').map((one) => one.number)).toEqual([0, 1, 2]);
  });

  it("a study's runs with the baseline first, then by iteration", () => {
    const store = exampleStore();
    addRun(store, 'iteration-2', 2);
    addRun(store, 'iteration-0', 0);
    addRun(store, 'baseline-1');
    expect(store.runsOf('example').map(({ key }) => key)).toEqual(['baseline-1', 'iteration-0', 'iteration-2']);
  });

  it('epochs by number, attempts by number, notes by time', () => {
    const store = exampleStore();
    const runId = addRun(store, 'baseline-1');
    for (const epoch of [3, 1, 2]) {
      store.insertEpoch({
        runId,
        epoch,
        attempt: 1,
        phase: null,
        lr: 1,
        loss: 1,
        metrics: null,
        step: null,
        seconds: null,
        timeMs: 10 - epoch,
      });
    }
    expect(store.epochsOf(runId).map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    for (const number of [2, 1]) {
      store.insertAttempt({ name: `a${number}`, runId, number, launcher: 'local', resumeFrom: null, createdMs: 1 });
    }
    expect(store.attemptsOf(runId).map(({ number }) => number)).toEqual([1, 2]);
    for (const timeMs of [5, 3]) store.insertNote({ studyId: 'example', runKey: null, text: `at ${timeMs}`, timeMs });
    expect(store.notesOf('example').map(({ timeMs }) => timeMs)).toEqual([3, 5]);
  });

  it('only what belongs to the study or run asked for', () => {
    const store = exampleStore();
    store.insertStudy({
      id: 'id-of-other',
      name: 'other',
      config: {},
      configHash: 'c',
      guidelineHash: 'g',
      directory: '/elsewhere',
      workers: 2,
      epochs: 1,
      simulated: false,
      versions: {},
      createdMs: 2000,
    });
    addRun(store, 'baseline-1');
    expect(store.study('other')?.id).toBe('id-of-other');
    expect(store.study('id-of-other')?.name).toBe('other');
    expect(store.runsOf('id-of-other')).toEqual([]);
    expect(store.epochsOf('example.iteration-1')).toEqual([]);
    expect(store.studies().map(({ name }) => name)).toEqual(['example', 'other']);
  });
});
