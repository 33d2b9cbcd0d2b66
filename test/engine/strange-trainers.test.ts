import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import type { ProgressEvent } from '../../src/domain/progress.ts';
import { runStudy } from '../../src/engine/study/run-study.ts';
import { folderOf, idOf } from '../support/stored-run.ts';
import { exampleConfig, temporaryProject } from './example-study.ts';

const trainer = fileURLToPath(new URL('../fixtures/strange-trainer.mjs', import.meta.url));

/** A study of a real process with one habit, until its baseline or its whole guideline is through. */
async function studyOf(habit: string, changes: Record<string, unknown> = {}) {
  const store = openStore({ path: ':memory:' });
  const directory = temporaryProject();
  const config = exampleConfig({
    trainer: { kind: 'command', command: [process.execPath, trainer, habit] },
    workers: 4,
    epochs: 4,
    setting: { initialLr: 0.1, warmupEpochs: 1 },
    decision: { rule: 'thesis', metrics: ['dice'] },
    ...changes,
  });
  const events: ProgressEvent[] = [];
  const onProgress = (event: ProgressEvent) => void events.push(event);
  const end = await runStudy({ config, directory, store, onProgress, retryDelayMs: () => 0 });
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  const stored = store.eventsOf('example', { types: ['run.warned'] }).map(({ event }) => event.message);
  const baseline = store.runByKey('example', 'baseline-1');
  const attempts = store.attemptsOf(idOf(store, 'example.baseline-1')).map(({ exitReason }) => exitReason);
  const lines = () => readFileSync(join(folderOf(directory, 'example.baseline-1'), 'events.ndjson'), 'utf8');
  return { end, warnings, stored, baseline, attempts, lines, store };
}

const result = { state: 'finished', metrics: { dice: 0.8 } };

describe('a program that works but has its habits', () => {
  it('may print whatever it likes: nothing of it is read', async () => {
    const { end, baseline, warnings } = await studyOf('prints');
    expect(end).toMatchObject({ outcome: 'noLoss' });
    expect(baseline).toMatchObject(result);
    expect(warnings).toEqual([]);
  });

  it('may scribble into the events file: each kind of line is named once and kept', async () => {
    const { baseline, stored, lines } = await studyOf('scribbles');
    expect(baseline).toMatchObject(result);
    const ofBaseline = stored.slice(0, 3);
    expect(ofBaseline.filter((message) => message.includes('Epoch 1/4'))).toHaveLength(1);
    expect(ofBaseline.filter((message) => message.includes('"lunch"'))).toHaveLength(1);
    expect(ofBaseline.filter((message) => message.includes('"epoch" was left out'))).toHaveLength(1);
    expect(lines()).toContain('{"type":"lunch","at":"noon",');
  });

  it('may say that it started last of all, and evaluate when it has finished', async () => {
    const { baseline, store, attempts } = await studyOf('startsLast');
    expect(baseline).toMatchObject(result);
    expect(attempts).toEqual(['finished']);
    expect(store.epochsOf(idOf(store, 'example.baseline-1')).map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
  });

  it('may die after it has finished: its result counts, and a warning says how it ended', async () => {
    const { baseline, attempts, stored } = await studyOf('diesAfterFinished');
    expect(baseline).toMatchObject(result);
    expect(attempts).toEqual(['finished']);
    expect(stored[0]).toMatch(/SIGKILL after it had reported finished; its result counts/);
  });

  it('may hang after it has finished: it is ended, and its result counts', async () => {
    const { baseline, attempts } = await studyOf('hangsAfterFinished', { timeouts: { stopSeconds: 0.1 } });
    expect(baseline).toMatchObject(result);
    expect(attempts).toEqual(['finished']);
  });

  it('may report percent: stored as fractions, kept as it was, and said', async () => {
    const { baseline, stored, store } = await studyOf('percent');
    expect(baseline).toMatchObject(result);
    expect(stored[0]).toMatch(/percent \(dice 80\).*metricScale: percent/);
    expect(store.evaluationsOf(idOf(store, 'example.baseline-1'))).toMatchObject([{ metrics: { dice: 80 } }]);
  });

  it('may spell a name otherwise, and is told', async () => {
    const { baseline, stored } = await studyOf('spellsOtherwise');
    expect(baseline).toMatchObject(result);
    expect(stored[0]).toMatch(/"Dice".*read as "dice"/);
  });
});

describe('a program that does not work', () => {
  it.each([
    ['saysNothing', 'neverReported', /reported nothing.*AUTOPILOT_RUN/],
    ['endsWithoutEvaluation', 'noEvaluation', /without an evaluation.*before "finished"/],
    ['overflows', 'wrongMetrics', /an evaluation cannot be read: metrics.dice.*1e999/],
    ['words', 'wrongMetrics', /an evaluation cannot be read: metrics.dice.*"good"/],
    ['finishesWithoutAnyMetric', 'noEvaluation', /without an evaluation.*before "finished"/],
    ['neither', 'wrongMetrics', /dice is 137.*fractions from 0 to 1/],
    ['namesOtherwise', 'wrongMetrics', /no "dice", only "f1", "accuracy".*decision\.metrics: \[f1, accuracy\]/],
  ])('%s: is tried once, and told what to change', async (habit, exit, sentence) => {
    const { end, baseline, attempts } = await studyOf(habit);
    expect(end).toMatchObject({ state: 'ended', outcome: 'failed', reason: expect.stringMatching(sentence) });
    expect(baseline).toMatchObject({ state: 'failed', reason: expect.stringMatching(sentence) });
    expect(attempts).toEqual([exit]);
  });

  it('saysNothingForEver: is stopped after timeouts.startMinutes and told what to change', async () => {
    const { end, attempts } = await studyOf('saysNothingForEver', { timeouts: { startMinutes: 0.01, stopSeconds: 1 } });
    expect(end).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/reported nothing.*in 0\.01 minutes/),
    });
    expect(attempts).toEqual(['neverReported']);
  });

  it.each([
    ['notANumber', /the evaluation's dice is NaN/],
    ['lossIsNotANumber', /the loss became NaN in epoch 1/],
    ['pythonNan', /the evaluation's dice is NaN/],
  ])('%s: has diverged, which its baseline must not', async (habit, sentence) => {
    const { end, baseline } = await studyOf(habit);
    expect(baseline).toMatchObject({ state: 'diverged', reason: expect.stringMatching(sentence) });
    expect(end).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(/lower setting\.initialLr/) });
  });
});

describe('a program that crashes', () => {
  it('is quoted, so that a missing Python module is seen at once', async () => {
    const { end, baseline, attempts } = await studyOf('any', {
      trainer: { kind: 'command', command: ['python3', '-c', 'import no_such_module'] },
    });
    const sentence =
      /exit code 1 after epoch 0\. Its last lines: ".*ModuleNotFoundError: No module named 'no_such_module'"\. Its output: .*\.log/;
    expect(end).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(sentence) });
    expect(baseline).toMatchObject({ state: 'failed', reason: expect.stringMatching(sentence) });
    expect(new Set(attempts)).toEqual(new Set(['crashed']));
  });
});

describe('a program that cannot do an optimizer', () => {
  it('says so when it starts, and the guideline skips it, saying so', async () => {
    const { end, warnings, store } = await studyOf('cannotDoLars', {
      baseline: { runs: [{ dice: 0.9 }] },
      guideline: {
        threshold: 1,
        actions: [
          { action: 'decreaseInitialLr', factor: 0.5, minimum: 0.05 },
          {
            action: 'changeOptimizer',
            optimizers: [
              { optimizer: 'lars', initialLr: 1 },
              { optimizer: 'momentum', initialLrFactor: 0.1 },
            ],
          },
          { action: 'changeOptimizer', optimizers: [{ optimizer: 'lars', initialLr: 2 }] },
        ],
      },
    });
    expect(warnings).toEqual(['The trainer cannot do lars; the guideline skips it.']);
    expect(store.iterationsOf('example').map(({ setting }) => setting.optimizer)).toEqual(['sgd', 'sgd', 'momentum']);
    expect(store.decisionsOf('example').map(({ reason }) => reason)[1]).toContain('the trainer cannot do lars');
    expect(end).toMatchObject({ outcome: 'exhausted', reason: expect.stringContaining('the trainer cannot do lars') });
  });

  it("is refused a setting of that optimizer: its result would be another one's", async () => {
    const { end, attempts } = await studyOf('cannotDoLars', {
      setting: { initialLr: 0.1, warmupEpochs: 1, optimizer: 'lars' },
    });
    expect(end).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/cannot do lars, only sgd, momentum.*setting\.optimizer/),
    });
    expect(attempts).toEqual(['wrongOptimizer']);
  });
});
