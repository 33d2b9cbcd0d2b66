import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/domain/study.ts';
import { addRun, exampleStore, setting } from './example-store.ts';

describe('the store', () => {
  it('gives a study back as it was stored, by id and by name', () => {
    const store = exampleStore();
    expect(store.study('example')).toMatchObject({
      name: 'example',
      config: { workers: 4 },
      outcome: null,
      endedMs: null,
    });
    expect(store.study('other')).toBeUndefined();
    store.setOutcome('example', { outcome: 'noLoss', reason: 'confirmed', timeMs: 5 });
    expect(store.studies()).toMatchObject([{ outcome: 'noLoss', reason: 'confirmed', endedMs: 5, updatedMs: 5 }]);
    store.setOutcome('example', { outcome: null, reason: null, timeMs: 6 });
    expect(store.study('example')).toMatchObject({ outcome: null, endedMs: null });
  });

  it('keeps the event log in order and answers from any point of it', () => {
    const store = exampleStore();
    const first = store.appendEvent('example', { type: 'study.created', config: {} }, 1);
    const second = store.appendEvent('example', { type: 'run.finished', key: 'baseline-1', metrics: {} }, 2);
    expect(second).toBeGreaterThan(first);
    expect(store.lastEvent()).toBe(second);
    expect(store.eventsOf('example', { after: first })).toMatchObject([
      { event: { type: 'run.finished', key: 'baseline-1', metrics: {} }, timeMs: 2 },
    ]);
    expect(store.eventsOf(null, { types: ['study.created'] })).toHaveLength(1);
    expect(store.eventsOf('example', { limit: 1 })).toHaveLength(1);
    expect(store.eventsOf('elsewhere')).toEqual([]);
  });

  it('refuses a second result of the same run', () => {
    const store = exampleStore();
    store.appendEvent('example', { type: 'run.finished', key: 'baseline-1', metrics: {} }, 1);
    expect(() =>
      store.appendEvent('example', { type: 'run.diverged', key: 'baseline-1', reason: 'loss', metrics: null }, 2),
    ).toThrow(/UNIQUE/);
    expect(store.eventsOf('example')).toHaveLength(1);
  });

  it('undoes a transaction as a whole', () => {
    const store = exampleStore();
    expect(() =>
      store.transaction(() => {
        store.appendEvent('example', { type: 'study.continued' }, 1);
        throw new Error('crash');
      }),
    ).toThrow('crash');
    expect(store.eventsOf('example')).toEqual([]);
  });

  it('keeps numbers that JSON and SQLite do not know', () => {
    const store = exampleStore();
    const runId = addRun(store, 'baseline-1');
    const metrics = { dice: Number.NaN, surfaceMm: Number.POSITIVE_INFINITY };
    store.batch(() =>
      store.insertEpoch({
        runId,
        epoch: 1,
        attempt: 1,
        phase: 'warmup',
        lr: 0.5,
        loss: Number.NaN,
        metrics,
        classes: { liver: metrics },
        step: 10,
        seconds: 0.5,
        timeMs: 3,
      }),
    );
    expect(store.epochsOf(runId)).toEqual([
      {
        runId,
        epoch: 1,
        attempt: 1,
        phase: 'warmup',
        lr: 0.5,
        loss: Number.NaN,
        metrics,
        step: 10,
        seconds: 0.5,
        measured: null,
        classes: { liver: metrics },
        timeMs: 3,
      },
    ]);
    store.markRunEnded(runId, { state: 'diverged', reason: 'loss', metrics, timeMs: 4 });
    expect(store.run(runId)).toMatchObject({ state: 'diverged', metrics });
  });

  it('replaces an epoch that a later attempt trained again', () => {
    const store = exampleStore();
    const runId = addRun(store, 'baseline-1');
    const epoch = { runId, epoch: 1, phase: null, lr: null, metrics: null, step: null, seconds: null, timeMs: 3 };
    store.insertEpoch({ ...epoch, attempt: 1, loss: 2 });
    store.insertEpoch({ ...epoch, attempt: 2, loss: 1 });
    expect(store.epochsOf(runId)).toMatchObject([{ attempt: 2, loss: 1 }]);
  });

  it('lists runs with the baseline first, then by iteration', () => {
    const store = exampleStore();
    for (const [key, iteration] of [
      ['iteration-10', 10],
      ['iteration-2', 2],
      ['baseline-1', null],
    ] as const)
      addRun(store, key, iteration);
    expect(store.runsOf('example').map(({ key }) => key)).toEqual(['baseline-1', 'iteration-2', 'iteration-10']);
    expect(store.runsOfIteration('example', 2)).toMatchObject([{ key: 'iteration-2', setting, workers: 4 }]);
    expect(store.runByKey('example', 'iteration-2')?.id).toBe('example.iteration-2');
    expect(store.runByKey('example', 'iteration-3')).toBeUndefined();
  });

  it('never changes a run by inserting it again', () => {
    const store = exampleStore();
    const id = addRun(store, 'baseline-1');
    store.markRunStarted(id, 5);
    addRun(store, 'baseline-1');
    expect(store.run(id)).toMatchObject({ state: 'running', startedMs: 5 });
    store.markRunStarted(id, 9);
    expect(store.run(id)?.startedMs).toBe(5);
  });

  it('follows an attempt from its intent to its end', () => {
    const store = exampleStore();
    const runId = addRun(store, 'baseline-1');
    store.insertAttempt({ name: 'a', runId, number: 1, launcher: 'local', resumeFrom: null, createdMs: 1 });
    expect(store.attemptsOf(runId)).toMatchObject([{ state: 'intended', handle: null }]);
    store.markAttemptStarted('a', { pid: 5 }, 2);
    store.describeAttempt('a', { capabilities: { optimizers: ['sgd'] }, environment: { host: 'h' } });
    store.markAttemptEnded('a', { reason: 'crashed', message: 'code 1', timeMs: 3 });
    expect(store.attemptsOf(runId)).toMatchObject([
      {
        state: 'ended',
        handle: { pid: 5 },
        capabilities: { optimizers: ['sgd'] },
        environment: { host: 'h' },
        exitReason: 'crashed',
        exitMessage: 'code 1',
        endedMs: 3,
      },
    ]);
    expect(() =>
      store.insertAttempt({ name: 'b', runId, number: 1, launcher: 'local', resumeFrom: null, createdMs: 1 }),
    ).toThrow(/UNIQUE/);
  });

  it('gives decisions back whole, and refuses one that answers no event', () => {
    const store = exampleStore();
    const eventSequence = store.appendEvent('example', { type: 'run.finished', key: 'baseline-1', metrics: {} }, 1);
    const decision: Decision = {
      sequence: 1,
      iteration: 2,
      verdict: 'degraded',
      rule: 'thesis.degraded',
      observed: { dice: 0.684, previousDice: null },
      next: { action: 'increaseWarmup' },
      settingBefore: setting,
      settingAfter: { ...setting, warmupEpochs: 10 },
      guidelineHash: 'g',
      reason: 'dice fell',
    };
    const stored = { ...decision, studyId: 'example', eventSequence, timeMs: 2 };
    store.insertDecision(stored);
    expect(store.decisionsOf('example')).toEqual([stored]);
    expect(store.decisionsOfIteration('example', 2)).toEqual([stored]);
    expect(store.decisionsOfIteration('example', 1)).toEqual([]);
    expect(() => store.insertDecision({ ...stored, sequence: 2, eventSequence: 99 })).toThrow(/FOREIGN KEY/);
    store.deleteDecisionsAfter('example', 0);
    expect(store.decisionsOf('example')).toEqual([]);
  });

  it('keeps evaluations, samples, artifacts, notes and models', () => {
    const store = exampleStore();
    const runId = addRun(store, 'baseline-1');
    const evaluation = { runId, attempt: 1, split: 'test', metrics: { dice: 0.7 }, classes: null, timeMs: 1 };
    const byClass = { liver: { dice: 0.9 }, tumour: { dice: Number.NaN } };
    store.insertEvaluation(evaluation);
    store.insertEvaluation({ ...evaluation, metrics: { dice: 0.8 }, classes: byClass, timeMs: 2 });
    store.insertEvaluation({ ...evaluation, split: 'validation', timeMs: 3 });
    expect(store.evaluationsOf(runId)).toEqual([
      { ...evaluation, metrics: { dice: 0.8 }, classes: byClass, timeMs: 2 },
      { ...evaluation, split: 'validation', timeMs: 3 },
    ]);
    const sample = {
      runId,
      timeMs: 5,
      rank: 0,
      cpuPercent: 50,
      memoryBytes: 1,
      stepsPerSecond: null,
      networkReceiveBytes: null,
      networkTransmitBytes: null,
      gpuPercent: null,
      gpuMemoryBytes: null,
    };
    store.insertSample(sample);
    expect(store.samplesOf(runId)).toEqual([sample]);
    expect(store.samplesOf(runId, 5)).toEqual([]);
    const artifact = { studyId: 'example', runId, kind: 'checkpoint', path: '/c', detail: { step: 1 }, timeMs: 1 };
    store.insertArtifact(artifact);
    store.insertArtifact({ ...artifact, detail: { step: 2 } });
    expect(store.artifactsOfRun(runId)).toEqual([{ ...artifact, detail: { step: 2 } }]);
    expect(store.artifactsOf('example')).toHaveLength(1);
    store.insertNote({ studyId: 'example', runKey: null, text: 'looks good', timeMs: 1 });
    expect(store.notesOf('example')).toMatchObject([{ text: 'looks good' }]);
  });

  it('marks a study as simulated as soon as one of its runs is', () => {
    const store = exampleStore();
    store.markRunSimulated(addRun(store, 'baseline-1'));
    expect(store.study('example')?.simulated).toBe(true);
    expect(store.run('example.baseline-1')?.simulated).toBe(true);
  });

  it('holds one lease a study, which only its holder renews and gives back', () => {
    const store = exampleStore();
    const lease = {
      studyId: 'example',
      token: 'mine',
      host: 'h',
      pid: 1,
      processStart: 's',
      bootId: 'b',
      renewedMs: 1,
    };
    store.takeLease(lease);
    expect(store.renewLease('example', 'mine', 9)).toBe(true);
    expect(store.leaseOf('example')).toEqual({ ...lease, renewedMs: 9 });
    store.takeLease({ ...lease, token: 'other' });
    expect(store.renewLease('example', 'mine', 10)).toBe(false);
    store.releaseLease('example', 'mine');
    expect(store.leaseOf('example')?.token).toBe('other');
  });
});
