import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { AutopilotError } from '../../src/domain/errors.ts';
import { runStudy } from '../../src/engine/study/run-study.ts';
import { exampleConfig, temporaryProject } from '../engine/example-study.ts';
import { computedMs, randomOf, seed, times } from '../fuzz/random.ts';

async function storedStudy(): Promise<string> {
  const directory = temporaryProject();
  const file = join(directory, 'autopilot.db');
  const store = openStore({ path: file });
  await runStudy({ config: exampleConfig({ budget: { iterations: 2 } }), directory, store });
  store.close();
  const copy = join(mkdtempSync(join(tmpdir(), 'proved-')), 'autopilot.db');
  copyFileSync(file, copy);
  return copy;
}

const sound = await storedStudy();

function changed(statement: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'proved-')), 'autopilot.db');
  copyFileSync(sound, file);
  const database = new Database(file);
  database.exec(statement);
  database.close();
  return file;
}

describe('a database', () => {
  it('that is sound opens', () => {
    const store = openStore({ path: sound, readOnly: true });
    expect(store.decisionsOf('example').length).toBeGreaterThan(0);
    store.close();
  });

  it.each([
    ['in its run', `UPDATE run SET metrics = replace(metrics, '.8', '.9') WHERE key = 'baseline-1'`],
    ['in its event', `UPDATE event SET payload = replace(payload, '0.8', '0.7') WHERE type = 'run.finished'`],
  ])('whose result was changed %s is not believed', (_, statement) => {
    expect(() => openStore({ path: changed(statement) })).toThrow(/is damaged: the result of the run example\./);
  });

  it('whose JSON cannot be read names the row and what to do', () => {
    const file = changed(`UPDATE iteration SET setting = '{' WHERE number = 0`);
    const store = openStore({ path: file, readOnly: true });
    expect(() => store.iterationsOf('example')).toThrow(
      /is damaged: the field setting of the row study_id example, number 0.* in its table iteration cannot be read/,
    );
    store.close();
  });
});

const count = 60 * times;

it(`${count} databases with a bit turned over are read or refused in words, none in more than 2 seconds`, () => {
  const bytes = readFileSync(sound);
  const file = join(mkdtempSync(join(tmpdir(), 'flipped-')), 'autopilot.db');
  const wrong: string[] = [];
  for (let index = 0; index < count; index++) {
    const random = randomOf(seed * 15_485_863 + index);
    const flipped = Buffer.from(bytes);
    const at = random.below(flipped.length);
    flipped[at]! ^= 1 << random.below(8);
    writeFileSync(file, flipped);
    const from = computedMs();
    try {
      const store = openStore({ path: file, readOnly: true });
      try {
        for (const study of store.studies()) {
          store.eventsOf(study.id);
          store.decisionsOf(study.id);
          store.iterationsOf(study.id);
          for (const run of store.runsOf(study.id)) store.epochsOf(run.id);
        }
      } finally {
        store.close();
      }
    } catch (thrown) {
      if (!(thrown instanceof AutopilotError)) wrong.push(`${at}: ${thrown instanceof Error ? thrown.stack : thrown}`);
    }
    if (computedMs() - from > 2000) wrong.push(`${at}: took too long`);
  }
  expect(wrong.slice(0, 5)).toEqual([]);
}, 3_600_000);
