import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { engineProcesses, isEpoch, killWhen, readStore } from '../support/engine-process.ts';
import { temporaryProject } from './example-study.ts';

const page = readFileSync(new URL('../../docs/trainer-protocol.md', import.meta.url), 'utf8');
const [, bashTrainer = ''] = /```bash\n([\s\S]*?)\n```/.exec(page) ?? [];
const pythonTrainer = fileURLToPath(new URL('../fixtures/stranger.py', import.meta.url));

const { engine, killAll } = engineProcesses();
afterEach(killAll);

function project(command: string[], budget: number): string {
  const folder = temporaryProject();
  writeFileSync(join(folder, 'trainer.sh'), bashTrainer);
  const study = {
    name: 'strangers',
    trainer: { kind: 'command', command },
    workers: 4,
    epochs: 8,
    setting: { initialLr: 0.1, warmupEpochs: 2, decayEpochs: 3 },
    budget: { iterations: budget },
    checkpoints: { everyEpochs: 1 },
  };
  writeFileSync(join(folder, 'study.yaml'), stringify(study));
  return folder;
}

describe('a trainer written from docs/trainer-protocol.md alone', () => {
  it('in bash, as the page shows it, completes a study', { timeout: 120_000 }, async () => {
    const folder = project(['bash', 'trainer.sh'], 3);
    const { events, said } = await engine(folder, ['run', folder]);
    expect(said).toBe('');
    expect(events.at(-1)).toMatchObject({ type: 'study.ended', outcome: 'budgetSpent' });
    const { runs, decisions } = readStore(folder, (store) => ({
      runs: store.runsOf('strangers'),
      decisions: store.decisionsOf('strangers'),
    }));
    expect(runs.map(({ key, state }) => [key, state])).toEqual([
      ['baseline-1', 'finished'],
      ['iteration-0', 'finished'],
      ['validation-1-1', 'finished'],
      ['iteration-2', 'finished'],
    ]);
    expect(decisions.map(({ verdict }) => verdict).slice(0, 3)).toEqual(['baseline', 'reached', 'notConfirmed']);
  });

  it('in Python without the client completes a study, its engine killed on the way', {
    timeout: 120_000,
  }, async () => {
    const folder = project(['python3', pythonTrainer], 3);
    const killed = await engine(folder, ['run', folder], killWhen(isEpoch('baseline-1', 1)));
    expect(killed.signal).toBe('SIGKILL');
    const { events } = await engine(folder, ['resume']);
    expect(events.at(-1)).toMatchObject({ type: 'study.ended', outcome: 'noLoss' });
    const runs = readStore(folder, (store) => store.runsOf('strangers'));
    expect(runs.map(({ key, state }) => [key, state])).toEqual([
      ['baseline-1', 'finished'],
      ['iteration-0', 'finished'],
      ['validation-1-1', 'finished'],
    ]);
  });
});
