import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { identityOf } from '../../src/launcher/processes/process-identity.ts';
import { mainWords } from '../cli/run-cli.ts';
import { engineProcesses, isEpoch, killWhen, readStore, type Watcher } from '../support/engine-process.ts';
import { findings, temporaryProject } from './example-study.ts';

const yaml = (epochMs: number) => `
name: example
trainer: { kind: simulated, epochMs: ${epochMs} }
workers: 18
epochs: 10
setting: { initialLr: 0.5 }
budget: { iterations: 3 }
checkpoints: { everyEpochs: 2 }
`;

const { engine, started, killAll } = engineProcesses();
afterEach(killAll);

function project(epochMs = 10): string {
  const folder = temporaryProject();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'study.yaml'), yaml(epochMs));
  return folder;
}

function stored(folder: string) {
  return readStore(folder, (store) => ({
    found: findings(store),
    attempts: store.runsOf('example').flatMap(({ id }) => store.attemptsOf(id)),
  }));
}

/** Kills the engine at its n-th progress event. */
function killAt(count: number): Watcher {
  let seen = 0;
  return killWhen(({ type }) => {
    if (type !== 'estimate') seen += 1;
    return seen === count;
  });
}

describe('a real engine process', () => {
  it('killed with kill -9 at any moment is resumed without losing, repeating or doubling anything', {
    timeout: 180_000,
  }, async () => {
    const undisturbed = project(0);
    await engine(undisturbed, ['run', undisturbed]);
    const expected = stored(undisturbed).found;
    for (const count of [1, 3, 9, 16, 23]) {
      const folder = project();
      const killed = await engine(folder, ['run', folder], killAt(count));
      expect(killed.signal).toBe('SIGKILL');
      await engine(folder, ['resume', 'example'], killAt(6));
      await engine(folder, ['resume', 'example']);
      const { found, attempts } = stored(folder);
      expect(found, `killed at event ${count}`).toEqual(expected);
      expect(attempts.filter(({ exitReason }) => exitReason === 'finished' || exitReason === 'diverged')).toHaveLength(
        expected.runs.length,
      );
      expect(readdirSync(join(folder, 'runs'))).toHaveLength(expected.runs.length);
    }
  });

  it('stops cleanly on Ctrl-C, says how to resume, and goes on from the checkpoint', { timeout: 60_000 }, async () => {
    const folder = project(50);
    const stopped = await engine(folder, ['run', folder], killWhen(isEpoch('iteration-1', 3), 'SIGINT'));
    expect(stopped.code).toBe(130);
    expect(stopped.events.at(-1)).toMatchObject({ type: 'study.stopped', resume: 'autopilot resume example' });
    const { attempts } = stored(folder);
    expect(attempts.at(-1)).toMatchObject({ state: 'ended', exitReason: 'stopped' });
    const pid = Number(attempts.at(-1)?.handle?.pid);
    expect(identityOf(pid)).toBeNull();
    await engine(folder, ['resume', 'example']);
    expect(
      stored(folder).attempts.find(({ runId, number }) => runId.startsWith('example.iteration-1.') && number === 2),
    ).toMatchObject({
      exitReason: 'finished',
      resumeFrom: expect.stringContaining('checkpoints/epoch-'),
    });
  });

  it('refuses a second engine on the same study by name, and can be cancelled from another terminal', {
    timeout: 60_000,
  }, async () => {
    const folder = project(200);
    let begun = () => {};
    const running = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const first = engine(folder, ['run', folder], ({ type }) => {
      if (type === 'run.started') begun();
    });
    await running;
    const second = await engine(folder, ['run', folder]);
    expect(second.code).toBe(1);
    expect(JSON.stringify(second.events)).toContain(`process ${started[0]?.pid}`);
    const cancel = spawn(process.execPath, [...mainWords, 'cancel', 'example', '--project', folder]);
    await once(cancel, 'close');
    const { events } = await first;
    expect(events.at(-1)).toMatchObject({ type: 'study.ended', outcome: 'cancelled' });
  });
});
