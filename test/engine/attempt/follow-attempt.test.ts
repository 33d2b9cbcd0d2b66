import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openStore, type Store } from '../../../db/index.ts';
import { type AttemptEvent, type AttemptState, attemptMachine } from '../../../machines/attempt/index.ts';
import { runStudy } from '../../../src/engine/study/run-study.ts';
import { identityOf } from '../../../src/launcher/processes/process-identity.ts';
import { arrowsOf, undrawn } from '../../machines/attempt/arrows.ts';
import { folderOf, idOf } from '../../support/stored-run.ts';
import { exampleConfig, temporaryProject } from '../example-study.ts';
import { simulatedJobs } from '../simulated-jobs.ts';

/** Every step of a machine that the engine makes, as XState is asked for it. */
const steps = vi.hoisted((): { machine: unknown; state: AttemptState; event: AttemptEvent }[] => []);
vi.mock('xstate', async (original) => {
  const real = await original<typeof import('xstate')>();
  const transition: typeof real.transition = (machine, state, event) => {
    steps.push({ machine, state: state as never, event: event as never });
    return real.transition(machine, state, event);
  };
  return { ...real, transition };
});
afterEach(() => void steps.splice(0));

const trainer = fileURLToPath(new URL('../../fixtures/trainer.mjs', import.meta.url));

function commandConfig(what: string) {
  return exampleConfig({
    trainer: { kind: 'command', command: [process.execPath, trainer, what] },
    workers: 4,
    epochs: 4,
    setting: { initialLr: 0.1, warmupEpochs: 1 },
    decision: { rule: 'thesis', metrics: ['dice'] },
    timeouts: { stopSeconds: 1 },
  });
}

/** A store whose method throws, as where a disk is full. */
function fullStore(store: Store, method: keyof Store): Store {
  return new Proxy(store, {
    get(target, name, receiver) {
      if (name !== method) return Reflect.get(target, name, receiver);
      return () => {
        throw new Error('the disk is full');
      };
    },
  });
}

async function gone(pid: number): Promise<void> {
  while (identityOf(pid) !== null) await delay(10);
}

describe('an attempt', () => {
  it('is executed by the machine that `autopilot chart --run` draws', async () => {
    const store = openStore({ path: ':memory:' });
    await runStudy({
      config: exampleConfig(),
      directory: temporaryProject(),
      store,
      launcher: simulatedJobs().launcher(),
    });
    const made = steps.filter(({ machine }) => machine === attemptMachine);
    const arrows = made.flatMap(({ state, event }) => arrowsOf(state, event));
    expect(undrawn(arrows)).toEqual([]);
    expect(new Set(arrows)).toEqual(
      new Set([
        'launched → warmingUp',
        'warmingUp → stabilizing',
        'stabilizing → decaying',
        'decaying → evaluating',
        'evaluating → finishing',
        'finishing → ended',
      ]),
    );
    const attempts = store.runsOf('example').flatMap(({ id }) => store.attemptsOf(id));
    expect(arrows.filter((arrow) => arrow.endsWith('→ ended'))).toHaveLength(attempts.length);
  });

  it.each([
    ['its events, when they are read by a timer', 'insertEpoch'],
    ['its capabilities, when it starts', 'describeAttempt'],
  ] as const)(
    'that the store cannot take %s, ends with the reason: no process and no lease is left',
    async (_, method) => {
      const directory = temporaryProject();
      const store = fullStore(openStore({ path: ':memory:' }), method);
      const options = { directory, store, retryDelayMs: () => 0 };
      await expect(runStudy({ ...options, config: commandConfig('hang') })).rejects.toThrow('the disk is full');
      expect(store.leaseOf('example')).toBeUndefined();
      const [attempt] = store.attemptsOf(idOf(store, 'example.baseline-1'));
      await gone(Number(attempt?.handle?.pid));
      expect(readFileSync(join(folderOf(directory, 'example.baseline-1'), 'events.ndjson'), 'utf8')).toContain(
        '"epoch"',
      );
    },
  );

  it('whose callback throws in a timer ends with it, and the study goes on where it is resumed', async () => {
    const directory = temporaryProject();
    const store = openStore({ path: ':memory:' });
    const jobs = simulatedJobs();
    const launcher = jobs.launcher();
    let stops = 0;
    const failing: typeof launcher = {
      ...launcher,
      async start(job) {
        const launched = await launcher.start(job);
        let end = () => {};
        const exited = new Promise<{ state: 'gone' }>((resolve) => {
          end = () => resolve({ state: 'gone' });
        });
        return {
          ...launched,
          exited,
          waiting() {
            throw new Error('the queue cannot be asked');
          },
          async stop() {
            stops += 1;
            end();
          },
        };
      },
    };
    const options = { config: exampleConfig(), directory, store };
    await expect(runStudy({ ...options, launcher: failing })).rejects.toThrow('the queue cannot be asked');
    expect(stops).toBeGreaterThan(0);
    expect(store.leaseOf('example')).toBeUndefined();
    await jobs.settled();
    expect(await runStudy({ ...options, launcher, retryDelayMs: () => 0 })).toMatchObject({ state: 'ended' });
  });

  it('whose job cannot be stopped ends all the same', async () => {
    const store = openStore({ path: ':memory:' });
    const launcher = simulatedJobs().launcher();
    const stubborn: typeof launcher = {
      ...launcher,
      start: async (job) => ({
        ...(await launcher.start(job)),
        exited: new Promise(() => {}),
        stop: () => Promise.reject(new Error('scancel: not permitted')),
      }),
    };
    const config = exampleConfig({ timeouts: { stopSeconds: 0.1 } });
    await expect(runStudy({ config, directory: temporaryProject(), store, launcher: stubborn })).rejects.toThrow(
      'scancel: not permitted',
    );
    expect(store.leaseOf('example')).toBeUndefined();
  });
});
