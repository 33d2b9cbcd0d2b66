import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../../db/index.ts';
import { type Repair, repairStore } from '../../../src/engine/repair/repair-store.ts';
import { runStudy } from '../../../src/engine/study/run-study.ts';
import { studyHistory } from '../../../src/report/history/history.ts';
import { randomOf, seed, times } from '../../fuzz/random.ts';
import { exampleConfig, findings, temporaryProject } from '../example-study.ts';

const config = exampleConfig({ budget: { iterations: 2 } });
const journalName = 'autopilot.journal.ndjson';

/** A study that is over, and one that was stopped in the middle of it. */
const ended = await project();
const halfway = await project('iteration-1');

async function project(stopAt: string | null = null): Promise<string> {
  const folder = temporaryProject();
  const store = openStore({ path: join(folder, 'autopilot.db') });
  const stop = new AbortController();
  await runStudy({
    config,
    directory: folder,
    store,
    signal: stop.signal,
    onProgress: (event) => {
      if (event.type === 'epoch' && event.key === stopAt) stop.abort('interrupted');
    },
  });
  store.insertNote({ studyId: 'example', runKey: null, text: 'as it was', timeMs: 5 });
  store.close();
  return folder;
}

function copyOf(folder: string): string {
  const copy = temporaryProject();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

const fileOf = (folder: string) => join(folder, 'autopilot.db');

function repaired(folder: string, changes: { dryRun?: boolean; config?: typeof config } = {}): Repair {
  return repairStore({ project: folder, file: fileOf(folder), config: null, dryRun: false, ...changes });
}

function reading<T>(folder: string, use: (store: Store) => T): T {
  const store = openStore({ path: fileOf(folder), readOnly: true, whole: true });
  try {
    return use(store);
  } finally {
    store.close();
  }
}

/** All that reports rest on, times included. */
function everything(folder: string) {
  return reading(folder, (store) => ({
    history: studyHistory(store, store.study('example')!),
    events: store.eventsOf('example'),
    decisions: store.decisionsOf('example'),
    notes: store.notesOf('example'),
    runs: store.runsOf('example').map((run) => ({
      ...run,
      attempts: store.attemptsOf(run.id),
      epochs: store.epochsOf(run.id),
      evaluations: store.evaluationsOf(run.id),
    })),
  }));
}

async function resumed(folder: string) {
  const store = openStore({ path: fileOf(folder) });
  try {
    await runStudy({ config, directory: folder, store, reopen: true });
    return { ...findings(store), attempts: store.runsOf('example').map(({ id }) => store.attemptsOf(id).length) };
  } finally {
    store.close();
  }
}

const damages: Record<string, (folder: string) => void> = {
  'was deleted': (folder) => rmSync(fileOf(folder)),
  'was emptied': (folder) => truncateSync(fileOf(folder), 0),
  'was cut in half': (folder) => truncateSync(fileOf(folder), 65_536),
  'lost its first page': (folder) => overwrite(fileOf(folder), 0, Buffer.alloc(4096, 7)),
  'lost a page in the middle': (folder) => overwrite(fileOf(folder), 12 * 4096, Buffer.alloc(4096, 7)),
  'has a changed result': (folder) => changeRow(folder, `UPDATE run SET metrics = replace(metrics, '0.', '0.9')`),
  'has a changed event': (folder) => changeRow(folder, `UPDATE event SET payload = '{"type":"study.continued"}'`),
  'has lost its decisions': (folder) => changeRow(folder, "UPDATE decision SET reason = 'another'"),
};

function changeRow(folder: string, statement: string): void {
  const database = new Database(fileOf(folder));
  database.exec(statement);
  database.close();
}

function overwrite(file: string, at: number, bytes: Buffer): void {
  const content = readFileSync(file);
  bytes.copy(content, at);
  writeFileSync(file, content);
}

describe('a store whose database', () => {
  it.each(Object.entries(damages))('%s is made again from its journal, all of it', (_, damage) => {
    const folder = copyOf(ended);
    damage(folder);
    const before = existsSync(fileOf(folder)) ? readFileSync(fileOf(folder)) : null;
    const { lost, kept, problem } = repaired(folder);
    expect({ lost, problem: problem !== null }).toEqual({ lost: [], problem: true });
    expect(everything(folder)).toEqual(moved(everything(ended), folder));
    const [aside = ''] = kept;
    if (before !== null && before.length > 0) expect(readFileSync(aside)).toEqual(before);
    expect(repaired(folder).problem).toBeNull();
  });

  it('was lost in the middle of a study goes on as if nothing had been', async () => {
    const undisturbed = copyOf(halfway);
    const folder = copyOf(halfway);
    rmSync(fileOf(folder));
    expect(repaired(folder).lost).toEqual([]);
    expect(await resumed(folder)).toEqual(await resumed(undisturbed));
  });

  it('is an older copy is brought up to date', async () => {
    const folder = copyOf(halfway);
    const old = readFileSync(fileOf(folder));
    await resumed(folder);
    const newest = everything(folder);
    writeFileSync(fileOf(folder), old);
    const { problem, lost } = repaired(folder);
    expect(problem).toMatch(/is older than/);
    expect(lost).toEqual([]);
    expect(everything(folder)).toEqual(newest);
  });

  it.each([seed, seed + 1])('has bits turned over comes back as it was, or says what is lost (seed %i)', (own) => {
    const random = randomOf(own);
    const sound = everything(ended);
    for (let turn = 0; turn < 5 * times; turn += 1) {
      const folder = copyOf(ended);
      const content = readFileSync(fileOf(folder));
      for (let flip = 0; flip < 3; flip += 1) {
        const at = random.below(content.length);
        content.writeUInt8(content.readUInt8(at) ^ (1 << random.below(8)), at);
      }
      writeFileSync(fileOf(folder), content);
      const { lost } = repaired(folder);
      expect(lost).toEqual([]);
      expect(everything(folder)).toEqual(moved(sound, folder));
    }
  });
});

describe('without a journal', () => {
  it('names the row that is lost, and derives again the decisions that follow from the events', () => {
    const folder = copyOf(ended);
    rmSync(join(folder, journalName));
    changeRow(folder, "UPDATE decision SET reason = 'another'; UPDATE note SET text = 'another'");
    const { lost, made } = repaired(folder);
    expect(lost).toEqual(['a note on the study example']);
    expect(made).toEqual([expect.stringMatching(/^decisions .* of the study example, derived again from its events$/)]);
    // The event's own time is some milliseconds before.
    const untimed = (where: string) => everything(where).decisions.map(({ timeMs: _, ...decision }) => decision);
    expect(untimed(folder)).toEqual(untimed(ended));
  });

  it('reads a run in its directory again where the log has lost its result, and trains nothing twice', async () => {
    const folder = copyOf(ended);
    rmSync(join(folder, journalName));
    changeRow(folder, "UPDATE event SET payload = '{}' WHERE type = 'run.finished' AND run_key = 'iteration-1'");
    const { made } = repaired(folder);
    expect(made.join('; ')).toMatch(/result of the run example\.iteration-1\.\w+, which the event log has lost/);
    expect(await resumed(folder)).toEqual(await resumed(copyOf(ended)));
  });

  it('reads the runs of a study again whose config is named, and trains nothing twice', async () => {
    const folder = copyOf(ended);
    rmSync(join(folder, journalName));
    rmSync(fileOf(folder));
    expect(() => repaired(folder)).toThrow(expect.objectContaining({ code: 'store.beyondRepair' }));
    const { lost, made } = repaired(folder, { config });
    expect(lost).toEqual([]);
    expect(made[0]).toBe('the study example, from its config');
    expect(await resumed(folder)).toEqual(await resumed(copyOf(ended)));
  });
});

/** But what a viewer leaves beside a database with a log. */
function contents(folder: string) {
  return readdirSync(folder)
    .filter((name) => name !== 'runs' && !/-(wal|shm)$/.test(name))
    .map((name) => [name, readFileSync(join(folder, name), 'base64')]);
}

it('a dry run changes no file, and promises what the repair does', () => {
  const folder = copyOf(ended);
  damages['has a changed result']?.(folder);
  const before = contents(folder);
  const promised = repaired(folder, { dryRun: true });
  expect(contents(folder)).toEqual(before);
  expect({ ...repaired(folder), kept: [] }).toEqual(promised);
});

it('a store that an engine works on is refused by the number of its process', () => {
  const folder = copyOf(ended);
  const other = new Database(fileOf(folder));
  other.exec(
    `INSERT INTO lease VALUES ('example', 'token', 'elsewhere', 4711, '1', 'boot', ${Date.now()}); UPDATE run SET reason = 'another'`,
  );
  other.close();
  expect(() => repaired(folder)).toThrow(/in use by process 4711 on elsewhere/);
});

it('a damaged journal is said where the database is damaged too', () => {
  const folder = copyOf(ended);
  const path = join(folder, journalName);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"run.finished"', '"run.finixhed"'));
  appendFileSync(path, '{"table":"ev');
  rmSync(fileOf(folder));
  expect(repaired(folder).lost).toEqual([expect.stringMatching(/^2 lines of its journal are also damaged/)]);
});

/** What says where the project lies. */
function moved<T>(value: T, to: string): T {
  return JSON.parse(JSON.stringify(value).replaceAll(ended, to)) as T;
}
