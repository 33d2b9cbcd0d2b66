import { describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../../db/index.ts';
import type { ProgressEvent } from '../../../src/domain/progress.ts';
import { cancelStudy } from '../../../src/engine/study/cancel-study.ts';
import { runStudy } from '../../../src/engine/study/run-study.ts';
import { requestPause, requestResume, requestStop } from '../../../src/engine/study/study-requests.ts';
import { idOf } from '../../support/stored-run.ts';
import { exampleConfig, findings, temporaryProject } from '../example-study.ts';
import { simulatedJobs } from '../simulated-jobs.ts';

const quick = exampleConfig();
const config = exampleConfig({ trainer: { kind: 'simulated', epochMs: 120 }, budget: { iterations: 2 }, epochs: 12 });
const reason = 'asked for in a test';

/** Runs the study with real processes; `onProgress` plays the other process that asks. */
function studyWhere(onProgress: (event: ProgressEvent, store: Store) => void) {
  const store = openStore({ path: ':memory:' });
  const end = runStudy({
    config,
    directory: temporaryProject(),
    store,
    onProgress: (event) => onProgress(event, store),
  });
  return { store, end };
}

function once(matches: (event: ProgressEvent) => boolean, act: (store: Store) => void) {
  let done = false;
  return (event: ProgressEvent, store: Store) => {
    if (done || !matches(event)) return;
    done = true;
    act(store);
  };
}

async function undisturbed() {
  const { store, end } = studyWhere(() => {});
  await end;
  return findings(store);
}

describe('a study that is told what to do by another process', () => {
  it('stops one run at a checkpoint, waits, and goes on from there to the same findings', async () => {
    const expected = await undisturbed();
    const stop = once(
      ({ type }) => type === 'epoch',
      (store) => requestStop({ store, run: 'example.baseline-1', reason }),
    );
    let whileStopped: unknown;
    const continueOnce = once(
      ({ type }) => type === 'waiting',
      (store) => {
        whileStopped = [
          store.run('example.baseline-1')?.state,
          store.attemptsOf(idOf(store, 'example.baseline-1'))[0]?.exitReason,
        ];
        requestResume({ store, study: 'example', reason });
      },
    );
    const { store, end } = studyWhere((event, store) => {
      stop(event, store);
      continueOnce(event, store);
    });
    await end;
    expect(whileStopped).toEqual(['stopped', 'stopped']);
    expect(findings(store)).toEqual(expected);
    const [first, second] = store.attemptsOf(idOf(store, 'example.baseline-1'));
    expect(first?.resumeFrom).toBeNull();
    expect(second?.resumeFrom).toMatch(/checkpoints/);
    expect(
      store.eventsOf('example', { types: ['study.paused', 'study.continued'] }).map(({ event }) => event.type),
    ).toEqual(['study.paused', 'study.continued']);
  }, 60_000);

  it('lets the running run end when it is paused, and starts no other', async () => {
    const pause = once(
      ({ type }) => type === 'epoch',
      (store) => requestPause({ store, study: 'example', reason }),
    );
    let states: string[] = [];
    const cancel = once(
      ({ type }) => type === 'waiting',
      (store) => {
        states = store.runsOf('example').map(({ key, state }) => `${key} ${state}`);
        void cancelStudy({ store, study: 'example', reason: 'enough' });
      },
    );
    const { end } = studyWhere((event, store) => {
      pause(event, store);
      cancel(event, store);
    });
    expect(await end).toMatchObject({ state: 'ended', outcome: 'cancelled' });
    expect(states).toEqual(['baseline-1 finished']);
  }, 60_000);

  it('stops the running run too when asked to pause at once', async () => {
    const pause = once(
      ({ type }) => type === 'epoch',
      (store) => requestPause({ store, study: 'example', reason, stopRuns: true }),
    );
    const stop = new AbortController();
    let states: string[] = [];
    const store = openStore({ path: ':memory:' });
    const end = await runStudy({
      config,
      directory: temporaryProject(),
      store,
      signal: stop.signal,
      onProgress: (event) => {
        pause(event, store);
        if (event.type !== 'waiting') return;
        states = store.runsOf('example').map(({ key, state }) => `${key} ${state}`);
        stop.abort('seen');
      },
    });
    expect(end).toEqual({ state: 'stopped', reason: 'seen' });
    expect(states).toEqual(['baseline-1 stopped']);
  }, 60_000);

  it('refuses requests that nobody would hear, and says what to do', async () => {
    const store = openStore({ path: ':memory:' });
    expect(() => requestPause({ store, study: 'example', reason })).toThrow('There is no study "example"');
    await runStudy({ config: quick, directory: temporaryProject(), store, launcher: simulatedJobs().launcher() });
    expect(() => requestResume({ store, study: 'example', reason })).toThrow('has already ended');
    expect(() => requestStop({ store, run: 'example.baseline-1', reason })).toThrow('is not running (finished)');
    expect(() => requestStop({ store, run: 'example.none', reason })).toThrow('There is no run "example.none"');
    store.setOutcome('example', { outcome: null, reason: null, timeMs: 1 });
    expect(() => requestPause({ store, study: 'example', reason })).toThrow('autopilot resume example');
  });
});
