import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { parseStudyConfig } from '../../src/config/load.ts';
import { runStudy } from '../../src/engine/study/run-study.ts';
import { writeArchive } from '../../src/report/archive/write.ts';
import { temporaryProject } from './example-study.ts';

const value = 'hush-4711-hush';
const trainer = fileURLToPath(new URL('../fixtures/hostile-trainer.mjs', import.meta.url));
const reference = `\${env:FUZZ_SECRET}`;

const configOf = (environment: Record<string, string>, command: string[] = []) =>
  parseStudyConfig({
    name: 'example',
    trainer: { kind: 'command', command: [process.execPath, trainer, 'tellsKey', ...command], environment },
    workers: 4,
    epochs: 3,
    setting: { initialLr: 0.1, warmupEpochs: 1 },
    decision: { rule: 'thesis', metrics: ['dice'] },
    budget: { iterations: 1 },
  });

afterEach(() => {
  delete process.env.FUZZ_SECRET;
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

it('a secret reaches the trainer by reference, and no file of the project', async () => {
  const directory = temporaryProject();
  const store = openStore({ path: join(directory, 'autopilot.db') });
  const config = configOf({ SOME_API_KEY: reference });
  process.env.FUZZ_SECRET = value;
  await runStudy({ config, directory, store, retryDelayMs: () => 0 });
  const evaluation = store.evaluationsOf(store.runByKey('example', 'baseline-1')!.id)[0];
  expect(evaluation?.metrics).toMatchObject({ dice: 0.8, keyLength: value.length });
  const study = store.study('example')!;
  await writeArchive({ store, study, project: directory, file: join(directory, 'a.tar.gz'), checkpoints: true });
  store.close();
  for (const path of filesBelow(directory)) expect(readFileSync(path).includes(value), path).toBe(false);
});

it('a study whose secret is not set is refused before anything is trained', async () => {
  const directory = temporaryProject();
  const store = openStore({ path: ':memory:' });
  const run = runStudy({ config: configOf({ SOME_API_KEY: reference }), directory, store });
  await expect(run).rejects.toThrow(`\${env:FUZZ_SECRET}, which is unset or empty`);
  expect(store.studies()).toEqual([]);
});

it.each<[what: string, environment: Record<string, string>, command: string[], message: string]>([
  ['a variable', { WANDB_API_KEY: value }, [], 'trainer.environment.WANDB_API_KEY is a secret in plain text'],
  ['an option', {}, ['--api-key', value], 'trainer.command[4], the value of --api-key, is a secret in plain text'],
  [
    'an option with =',
    {},
    [`--hf_token=${value}`],
    'trainer.command[3], the value of --hf_token, is a secret in plain text',
  ],
])('%s in clear is refused without being repeated', (_, environment, command, message) => {
  let said = '';
  try {
    configOf(environment, command);
  } catch (thrown) {
    said = (thrown as Error).message;
  }
  expect(said).toContain(message);
  expect(said).not.toContain(value);
});
