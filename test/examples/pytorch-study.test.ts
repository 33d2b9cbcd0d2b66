import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { ProgressEvent } from '../../src/domain/progress.ts';
import { runCli } from '../cli/run-cli.ts';
import { temporaryProject } from '../engine/example-study.ts';
import { engineProcesses, isEpoch, killWhen, readStore } from '../support/engine-process.ts';
import { present } from '../support/required.ts';
import { idOf } from '../support/stored-run.ts';

const example = fileURLToPath(new URL('../../examples/pytorch-ddp', import.meta.url));
const client = fileURLToPath(new URL('../../clients/python', import.meta.url));
const python = ['python3', '/usr/bin/python3'].find(
  (each) => spawnSync(each, ['-c', 'import torch, torch.distributed']).status === 0,
);

const { engine, killAll } = engineProcesses();
afterEach(killAll);

/** The example's own study.yaml, with two workers and few epochs. */
function smallExample(): string {
  const folder = temporaryProject();
  const study = parse(readFileSync(join(example, 'study.yaml'), 'utf8'));
  study.trainer.command[0] = python;
  study.trainer.directory = example;
  study.trainer.environment = { PYTHONPATH: client, OMP_NUM_THREADS: '1' };
  const small = {
    ...study,
    workers: 2,
    epochs: 3,
    setting: { ...study.setting, warmupEpochs: 1 },
    decision: { rule: 'thesis' },
    baseline: {},
    guideline: 'thesis',
    budget: { iterations: 1 },
    checkpoints: { everyEpochs: 1 },
  };
  writeFileSync(join(folder, 'study.yaml'), stringify(small));
  return folder;
}

const startsOf = (events: ProgressEvent[]) =>
  events.flatMap((event) =>
    event.type === 'run.started'
      ? [[event.request.key, event.attempt, event.reattached ? 'reattached' : 'started']]
      : [],
  );

describe.runIf(present('torch', python !== undefined, 'install python3-torch (Debian)'))(
  'autopilot run examples/pytorch-ddp',
  () => {
    it('comes from its baseline to an outcome, killed with kill -9 and stopped with Ctrl-C on the way', {
      timeout: 400_000,
    }, async () => {
      const folder = smallExample();
      const killed = await engine(folder, ['run', folder], killWhen(isEpoch('baseline-1', 1)));
      expect(killed.signal).toBe('SIGKILL');
      const stopped = await engine(folder, ['resume'], killWhen(isEpoch('iteration-0', 1), 'SIGINT'));
      expect(stopped.code).toBe(130);
      const last = await engine(folder, ['resume']);
      expect(last.events.at(-1)).toMatchObject({
        type: 'study.ended',
        outcome: expect.stringMatching(/noLoss|budgetSpent/),
      });

      expect(startsOf([...killed.events, ...stopped.events, ...last.events])).toEqual([
        ['baseline-1', 1, 'started'],
        // The training has gone on without its engine, or has ended without being seen.
        ...(startsOf(stopped.events).some(([key]) => key === 'baseline-1') ? [['baseline-1', 1, 'reattached']] : []),
        ['iteration-0', 1, 'started'],
        ['iteration-0', 2, 'started'],
      ]);
      const { runs, attempts, epochs } = readStore(folder, (store) => ({
        runs: store.runsOf('pytorch-ddp'),
        attempts: store.attemptsOf(idOf(store, 'pytorch-ddp.iteration-0')),
        epochs: store.epochsOf(idOf(store, 'pytorch-ddp.iteration-0')),
      }));
      expect(attempts).toMatchObject([
        { exitReason: 'stopped' },
        { exitReason: 'finished', resumeFrom: expect.stringMatching(/\.checkpoint$/) },
      ]);
      expect(attempts[0]?.capabilities).toEqual({ optimizers: ['sgd', 'momentum', 'adam'] });
      expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
      expect(runs.map(({ key, state }) => [key, state])).toEqual([
        ['baseline-1', 'finished'],
        ['iteration-0', 'finished'],
      ]);
      for (const { metrics } of runs) {
        // Learned, not guessed: a mask of background alone has a dice of 0.
        expect(metrics?.dice).toBeGreaterThan(0.5);
      }
      expect(readdirSync(join(folder, 'runs')).sort()).toEqual(runs.map(({ id }) => id).sort());

      const history = await runCli(['history', 'pytorch-ddp', '--project', folder], { env: { COLUMNS: '120' } });
      expect(history.stdout).toContain('pytorch-ddp: 2 workers, 3 epochs a run');
      const rows = history.stdout.split('\n').filter((line) => /baseline|apply default parameters/i.test(line));
      for (const { metrics } of runs) {
        expect(rows.some((row) => row.includes(Number(metrics?.dice).toFixed(3)))).toBe(true);
      }
    });
  },
);
