import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import {
  changedRows,
  checkedColumns,
  checksumsUpdate,
  knowChecksums,
  writeChecksums,
} from '../../db/journal/checksums.ts';
import { checksumsSince, migrations, schemaVersion } from '../../db/schema/migrations.ts';
import { tableNames } from '../../db/schema/stored-tables.ts';
import { AutopilotError } from '../../src/domain/errors.ts';
import { runStudy } from '../../src/engine/study/run-study.ts';
import { exampleConfig, temporaryProject } from '../engine/example-study.ts';
import { computedMs, randomOf, seed, times } from '../fuzz/random.ts';
import { projectOfSchema } from '../support/project-of-schema.ts';

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

function changed(statement: string, { resealed = false } = {}): string {
  const file = join(mkdtempSync(join(tmpdir(), 'proved-')), 'autopilot.db');
  copyFileSync(sound, file);
  const database = new Database(file);
  database.exec(statement);
  if (resealed) writeChecksums(database);
  database.close();
  return file;
}

/** Everything that a report may rest on. */
function everything(file: string): string {
  const store = openStore({ path: file, readOnly: true });
  try {
    const studies = [...store.studies(), ...store.comparisons()].map((study) => ({
      study,
      events: store.eventsOf(study.id),
      decisions: store.decisionsOf(study.id),
      judgements: store.judgementsOf(study.id),
      iterations: store.iterationsOf(study.id),
      artifacts: store.artifactsOf(study.id),
      notes: store.notesOf(study.id),
      totals: store.totalsOf(study.id),
      results: store.runResultsOf(study.id),
      runs: store.runsOf(study.id).map((run) => ({
        run,
        attempts: store.attemptsOf(run.id),
        epochs: store.epochsOf(run.id),
        evaluations: store.evaluationsOf(run.id),
      })),
    }));
    return JSON.stringify(studies);
  } finally {
    store.close();
  }
}

describe('a database', () => {
  it('that is sound opens', () => {
    const store = openStore({ path: sound, readOnly: true });
    expect(store.decisionsOf('example').length).toBeGreaterThan(0);
    store.close();
  });

  it.each([
    [
      'run',
      `UPDATE run SET metrics = replace(metrics, '.8', '.9') WHERE key = 'baseline-1'`,
      /the run example\.baseline-1\.\w+ is/,
    ],
    [
      'event',
      `UPDATE event SET payload = replace(payload, '0.8', '0.7') WHERE type = 'run.finished' AND run_key = 'iteration-1'`,
      /event \d+, run\.finished of iteration-1, of the study example is/,
    ],
    [
      'epoch',
      `UPDATE epoch SET loss = loss * 2 WHERE epoch = 3 AND run_id LIKE '%.baseline-1.%'`,
      /epoch 3 of the run example\.baseline-1\.\w+ is/,
    ],
    ['decision', `UPDATE decision SET reason = 'well' WHERE sequence = 2`, /decision 2 of the study example is/],
    ['iteration', `UPDATE iteration SET action = 'addWarmup' WHERE number = 1`, /iteration 1 of the study example is/],
    ['config', `UPDATE study SET config = replace(config, '4', '5')`, /the study example is/],
  ])('with a changed %s names it, and no engine writes to it', (_, statement, words) => {
    const file = changed(statement);
    const before = readFileSync(file);
    expect(() => openStore({ path: file })).toThrow(words);
    expect(() => openStore({ path: file })).toThrow(/is damaged: .* not what was stored .*Nothing was changed/);
    expect(readFileSync(file)).toEqual(before);
    expect(() => everything(file)).toThrow(words);
  });

  it('whose run says another result than its event is not believed', () => {
    const file = changed(`UPDATE run SET metrics = '{"dice":1}' WHERE key = 'baseline-1'`, { resealed: true });
    expect(() => openStore({ path: file })).toThrow(/is damaged: the result of the run example\./);
  });

  it('whose JSON cannot be read names the row and what to do', () => {
    const file = changed(`UPDATE iteration SET setting = '{' WHERE number = 0`, { resealed: true });
    const store = openStore({ path: file, readOnly: true });
    expect(() => store.iterationsOf('example')).toThrow(
      /is damaged: the field setting of the row study_id example, number 0.* in its table iteration cannot be read/,
    );
    store.close();
  });

  const versions = Array.from({ length: schemaVersion - checksumsSince }, (_, index) => checksumsSince + index);
  it.each(versions)('of schema %i, which has checksums, is read as it is and brought up to date', (version) => {
    const file = join(projectOfSchema(7), 'autopilot.db');
    const before = everything(file);
    const database = new Database(file);
    for (const statements of migrations.slice(7, version)) database.exec(statements);
    knowChecksums(database);
    for (const table of tableNames)
      if (checkedColumns(database, table).length > 0) database.exec(checksumsUpdate(database, table));
    database.pragma(`user_version = ${version}`);
    database.close();
    expect(everything(file)).toBe(before);
    openStore({ path: file }).close();
    expect(everything(file)).toBe(before);
  });

  it('of an earlier version keeps its results when it gets checksums', () => {
    const folder = projectOfSchema(7);
    const file = join(folder, 'autopilot.db');
    const before = everything(file);
    openStore({ path: file }).close();
    expect(everything(file)).toBe(before);
    const database = new Database(file);
    expect(changedRows(database)).toEqual([]);
    database.exec('UPDATE epoch SET loss = 1 WHERE epoch = 2');
    database.close();
    expect(() => openStore({ path: file })).toThrow(/epoch 2 of the run/);
  });
});

const count = 60 * times;

it(`${count} databases with a bit turned over are refused in words or change nothing, none in more than 2 seconds`, () => {
  const bytes = readFileSync(sound);
  const file = changed('');
  const whole = everything(file);
  const wrong: string[] = [];
  const found = { refused: 0, unchanged: 0 };
  for (let index = 0; index < count; index++) {
    const random = randomOf(seed * 15_485_863 + index);
    const flipped = Buffer.from(bytes);
    const at = random.below(flipped.length);
    flipped[at]! ^= 1 << random.below(8);
    writeFileSync(file, flipped);
    const from = computedMs();
    try {
      if (everything(file) !== whole) wrong.push(`${at}: a result was changed in silence`);
      found.unchanged += 1;
    } catch (thrown) {
      found.refused += 1;
      if (!(thrown instanceof AutopilotError)) wrong.push(`${at}: ${thrown instanceof Error ? thrown.stack : thrown}`);
    }
    if (computedMs() - from > 2000) wrong.push(`${at}: took too long`);
  }
  if (times > 1) console.log(found);
  expect(wrong.slice(0, 5)).toEqual([]);
}, 3_600_000);
