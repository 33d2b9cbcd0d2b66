import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import type { ProgressEvent } from '../../src/domain/progress.ts';
import { runStudy } from '../../src/engine/study/run-study.ts';
import { exampleConfig, temporaryProject } from './example-study.ts';

const trainer = fileURLToPath(new URL('../fixtures/hostile-trainer.mjs', import.meta.url));

async function studyOf(poison: string) {
  const store = openStore({ path: ':memory:' });
  const config = exampleConfig({
    trainer: { kind: 'command', command: [process.execPath, trainer, poison] },
    workers: 4,
    epochs: 3,
    setting: { initialLr: 0.1, warmupEpochs: 1 },
    decision: { rule: 'thesis', metrics: ['dice'] },
  });
  const warnings: string[] = [];
  const onProgress = (event: ProgressEvent) => {
    if (event.type === 'warning' && event.key === 'baseline-1') warnings.push(event.message);
  };
  const directory = temporaryProject();
  const end = await runStudy({ config, directory, store, onProgress, retryDelayMs: () => 0 });
  return { end, warnings, baseline: store.runByKey('example', 'baseline-1'), store };
}

it.each<[poison: string, warning: string]>([
  ['farFuture', 'An event "epoch" was left out: timeMs:'],
  ['deep', 'A line of events.ndjson was left out: it is nested more than 32 deep'],
  ['longName', 'An event "epoch" was left out: metrics.xxx'],
  ['longLine', 'A line of events.ndjson was left out: it has 20000'],
  ['prototype', 'metrics.constructor: is a name that every object has'],
  ['hugeEpoch', 'An event "epoch" was left out: epoch:'],
  ['hugeSample', 'An event "sample" was left out: memoryBytes:'],
  ['strangeRank', 'its rank is 999, but the run has 1 worker'],
  ['outside', 'its path leads out of'],
  ['climbs', 'its path leads out of'],
  ['escapes', '␛[2J␛]0;owned␇ all is well'],
])('a study goes on over %s, says what was left out, and keeps its result', async (poison, warning) => {
  const { end, warnings, baseline, store } = await studyOf(poison);
  expect(warnings.join('\n')).toContain(warning);
  for (const message of warnings) expect(message.length).toBeLessThan(1000);
  expect(baseline).toMatchObject({ state: 'finished', metrics: { dice: 0.8 } });
  expect(end).toMatchObject({ state: 'ended', outcome: 'noLoss' });
  expect(store.artifactsOfRun(baseline!.id)).toEqual([]);
});

it('a hundred different warnings are kept of thirty thousand', async () => {
  const { end, warnings } = await studyOf('manyWarnings');
  expect(warnings).toHaveLength(101);
  expect(warnings.at(-1)).toContain('There were 100 different warnings; further ones are only in');
  expect(end).toMatchObject({ outcome: 'noLoss' });
});

it('a pipe in the place of the events ends the run and not the engine', async () => {
  const { end, baseline } = await studyOf('pipe');
  expect(baseline).toMatchObject({ state: 'failed' });
  expect(end).toMatchObject({ state: 'ended', outcome: 'failed' });
});
